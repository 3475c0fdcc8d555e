namespace ProxyReward.Pairs.Rules;

/// <summary>
/// The chosen responses of the whole set are not longer than the rejected ones on average, so that length alone does not tell them apart
/// (ours). The pairs whose chosen response is longer by most go first, which removes the fewest.
/// </summary>
internal sealed class BalanceLengthRule : IPairRule
{
    public string Key => "balance_length";

    public string Why => "their chosen response is longer by most, and the chosen ones were longer on average";

    public IEnumerable<CandidatePair> Keep(IReadOnlyList<CandidatePair> pairs)
    {
        var surplus = pairs.Sum(pair => (long)pair.ExtraTokens);
        var removed = new HashSet<CandidatePair>(ReferenceEqualityComparer.Instance);
        foreach (var pair in pairs.OrderByDescending(p => p.ExtraTokens).ThenBy(p => p.Gap)
            .ThenBy(p => p.QuestionId, StringComparer.Ordinal).ThenBy(p => p.Better.Index).ThenBy(p => p.Worse.Index).TakeWhile(_ => surplus > 0))
        {
            removed.Add(pair);
            surplus -= pair.ExtraTokens;
        }

        return pairs.Where(pair => !removed.Contains(pair));
    }
}

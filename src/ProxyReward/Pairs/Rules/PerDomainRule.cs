namespace ProxyReward.Pairs.Rules;

/// <summary>No domain has more than so many pairs (ours); the first ones stay.</summary>
internal sealed class PerDomainRule(int most, IReadOnlyDictionary<string, string> domains) : IPairRule
{
    public string Key => "per_domain";

    public string Why => "their domain has enough pairs";

    public IEnumerable<CandidatePair> Keep(IReadOnlyList<CandidatePair> pairs)
    {
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var domain = domains[pair.QuestionId];
            taken[domain] = taken.GetValueOrDefault(domain) + 1;
            if (taken[domain] <= most)
            {
                yield return pair;
            }
        }
    }
}

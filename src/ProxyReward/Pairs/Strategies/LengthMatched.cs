namespace ProxyReward.Pairs.Strategies;

/// <summary>
/// Responses of nearly the same length, widest gap first (ours). A response serves in one pair only, so that one outlier does not make
/// all pairs of its question.
/// </summary>
internal sealed class LengthMatched(int most, double tolerance) : IPairStrategy
{
    public string WhyNone => "no two of their responses differ in reward but not in length";

    public IEnumerable<CandidatePair> PairsOf(RatedQuestion question)
    {
        var used = new HashSet<int>();
        return new AllAboveGap(0).PairsOf(question)
            .Where(p => Math.Abs(p.ExtraTokens) <= tolerance * Math.Max(p.Better.LengthTokens, p.Worse.LengthTokens))
            .Where(p => !used.Contains(p.Better.Index) && !used.Contains(p.Worse.Index) && used.Add(p.Better.Index) && used.Add(p.Worse.Index))
            .Take(most);
    }
}

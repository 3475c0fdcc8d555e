namespace ProxyReward.Pairs.Strategies;

/// <summary>Highest with lowest (paper), second highest with second lowest, …</summary>
internal sealed class HighestLowest(int most) : IPairStrategy
{
    public string? WhyNone => null;

    public IEnumerable<CandidatePair> PairsOf(RatedQuestion question) =>
        Enumerable.Range(0, Math.Min(most, question.Best.Count / 2)).Select(i => new CandidatePair(question.Best[i], question.Best[^(i + 1)]));
}

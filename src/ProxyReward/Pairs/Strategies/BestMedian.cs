namespace ProxyReward.Pairs.Strategies;

/// <summary>Best with median, second best with the one below the median, … (ours). Of an even number the lower of the two in the middle is the median.</summary>
internal sealed class BestMedian(int most) : IPairStrategy
{
    public string? WhyNone => null;

    public IEnumerable<CandidatePair> PairsOf(RatedQuestion question)
    {
        var median = question.Best.Count / 2;
        return Enumerable.Range(0, Math.Min(most, median)).Select(i => new CandidatePair(question.Best[i], question.Best[median + i]));
    }
}

namespace ProxyReward.Pairs.Strategies;

/// <summary>Any two responses, each in one pair only, by a seeded draw: the control for the other strategies (ours).</summary>
internal sealed class RandomPairs(int most, long seed) : IPairStrategy
{
    public string? WhyNone => null;

    public IEnumerable<CandidatePair> PairsOf(RatedQuestion question)
    {
        var drawn = question.Best.OrderBy(r => r.Index).ToList();
        Draws.Of(seed, "random-pairs", question.Id).Shuffle(drawn);
        return drawn.Chunk(2).Where(two => two.Length == 2).Take(most).Select(two => CandidatePair.Of(two[0], two[1]));
    }
}

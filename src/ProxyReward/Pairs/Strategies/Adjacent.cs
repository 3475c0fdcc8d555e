namespace ProxyReward.Pairs.Strategies;

/// <summary>
/// Neighbours in reward, from the top: of the distinct rewards the highest with the second, the third with the fourth, … (ours). Of
/// responses with the same reward the lowest index stands for all.
/// </summary>
internal sealed class Adjacent(int most) : IPairStrategy
{
    public string WhyNone => "all their responses have the same reward";

    public IEnumerable<CandidatePair> PairsOf(RatedQuestion question) =>
        question.Best.DistinctBy(r => r.Reward).Chunk(2).Where(two => two.Length == 2).Take(most).Select(two => new CandidatePair(two[0], two[1]));
}

using ProxyReward.Rewards;

namespace ProxyReward.Pairs;

/// <summary>A question whose responses have rewards.</summary>
/// <param name="Id">The question.</param>
/// <param name="Best">Its responses, highest reward first; of equal ones the lower index.</param>
internal sealed record RatedQuestion(string Id, IReadOnlyList<ResponseReward> Best)
{
    /// <summary>Population variance of the reward across the responses, in its unit squared.</summary>
    public double Variance { get; } = Rewards.Variance.Of([.. Best.Select(r => r.Reward)]);
}

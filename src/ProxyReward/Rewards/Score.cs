namespace ProxyReward.Rewards;

/// <summary>The reward of one response and what it is made of.</summary>
/// <param name="Reward">In the unit of the reward.</param>
/// <param name="Parts">By name, in the unit of the reward: the reward is their sum, where the reward does not say otherwise.</param>
public sealed record Score(double Reward, IReadOnlyDictionary<string, double> Parts)
{
    /// <summary>A reward of one part.</summary>
    public static Score Of(string part, double reward) => new(reward, new Dictionary<string, double>(StringComparer.Ordinal) { [part] = reward });
}

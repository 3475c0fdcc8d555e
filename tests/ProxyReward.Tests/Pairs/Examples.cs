using ProxyReward.Pairs;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Pairs;

/// <summary>Rewards written by hand.</summary>
internal static class Examples
{
    /// <summary>A response; its length is 100 unless the test is about lengths.</summary>
    public static ResponseReward R(string question, int index, double reward, int length = 100) =>
        new(question, index, reward, new ProxyCounts(0, 0, 10), length, false);

    /// <summary>The responses to a question, by their rewards.</summary>
    public static IEnumerable<ResponseReward> Question(string id, params double[] rewards) => rewards.Select((reward, i) => R(id, i, reward));

    /// <summary>The places of the pairs that are made of one question.</summary>
    public static IEnumerable<(int Chosen, int Rejected)> Places(IEnumerable<ResponseReward> rewards, PairOptions options, long seed = 0) =>
        PairSelection.Select(rewards, options with { QuestionShare = 1 }, new(seed)).Pairs.Select(p => (p.Chosen, p.Rejected));
}

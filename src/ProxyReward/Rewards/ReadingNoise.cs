using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Rewards;

/// <summary>
/// How much a reward would vary if it came from one reading instead of another (ours; one meaning of the paper's "variance for the same
/// response"): the population variance, over the readings of a response, of what verdicts contribute to the reward. A reward that no
/// verdict enters does not vary.
/// </summary>
/// <param name="reward">The reward.</param>
/// <param name="mix">The weights of a mix.</param>
/// <param name="readings">How often each response was read.</param>
public sealed class ReadingNoise(RewardKind reward, MixOptions mix, int readings)
{
    /// <summary>The variance in the reward's unit squared. Verdicts that keep no readings count as the same in each.</summary>
    public double VarianceOf(MetaQuestion question, IReadOnlyList<ProxyVerdict> verdicts) => Variance.Of(
        [.. Enumerable.Range(0, readings).Select(i => ShareOf(ProxyCounts.Of(question, [.. verdicts.Select(v => v with { Verdict = v.Readings?[i] ?? v.Verdict })])))]);

    private double ShareOf(ProxyCounts counts) => reward switch
    {
        RewardKind.Accuracy => counts.Accuracy,
        RewardKind.Precision => counts.Precision,
        RewardKind.Mix => (mix.Accuracy * counts.Accuracy) + (mix.Precision * counts.Precision),
        _ => 0,
    };
}

using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Rewards;

/// <summary>Turns what is known about a response into one number; higher is better. Safe to call from several threads.</summary>
public interface IReward
{
    /// <summary>The reward of a response, in the unit of the reward (share, rating, tokens), with what it is the sum of.</summary>
    Task<Score> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken);
}

/// <summary>The rewards that recipes can name.</summary>
public enum RewardKind
{
    /// <summary>Correct / all proxies, 0–1 (paper, Eq. 4). The one that works.</summary>
    Accuracy,

    /// <summary>Correct / stated proxies, 0–1 (named in the paper, formula ours).</summary>
    Precision,

    /// <summary>A judge's rating, 1–10 (the paper's baseline; it ends below the untrained model).</summary>
    Judge,

    /// <summary>Generated tokens: a control for gains that are bought with length (ours).</summary>
    Length,

    /// <summary>A seeded random number, 0–1: a control for what any preference training does (ours).</summary>
    Random,

    /// <summary>A weighted sum of accuracy, precision, judge, length and repetition, 0–1 (ours).</summary>
    Mix,
}

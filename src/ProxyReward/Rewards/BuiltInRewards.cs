using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Rewards;

/// <summary>Correct / all proxies (paper, Eq. 4).</summary>
public sealed class AccuracyReward : IReward
{
    /// <inheritdoc/>
    public Task<Score> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken) =>
        Task.FromResult(Score.Of("accuracy", counts.Accuracy));
}

/// <summary>Correct / stated proxies; 0 when nothing is stated.</summary>
public sealed class PrecisionReward : IReward
{
    /// <inheritdoc/>
    public Task<Score> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken) =>
        Task.FromResult(Score.Of("precision", counts.Precision));
}

/// <summary>A judge's rating of the text, 1–10. The judge is asked for at the first text; whoever opened it disposes of it.</summary>
public sealed class JudgeReward(Func<IJudge> judge) : IReward
{
    /// <inheritdoc/>
    public async Task<Score> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken) =>
        Score.Of("judge", await judge().RateAsync(question, response.Text, cancellationToken).ConfigureAwait(false));
}

/// <summary>Generated tokens.</summary>
public sealed class LengthReward : IReward
{
    /// <inheritdoc/>
    public Task<Score> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken) =>
        Task.FromResult(Score.Of("length", response.LengthTokens));
}

/// <summary>A number in [0, 1) that knows nothing of the response but its place.</summary>
public sealed class RandomReward(long seed) : IReward
{
    /// <inheritdoc/>
    public Task<Score> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken) =>
        Task.FromResult(Score.Of("random", Draws.Of(seed, "random-reward", question.Id, response.Index).Uniform()));
}

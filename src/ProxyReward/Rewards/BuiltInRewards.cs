using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Rewards;

/// <summary>Correct / all proxies (paper, Eq. 4).</summary>
public sealed class AccuracyReward : IReward
{
    /// <inheritdoc/>
    public Task<double> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken) =>
        Task.FromResult(counts.Accuracy);
}

/// <summary>Correct / stated proxies; 0 when nothing is stated.</summary>
public sealed class PrecisionReward : IReward
{
    /// <inheritdoc/>
    public Task<double> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken) =>
        Task.FromResult(counts.Precision);
}

/// <summary>A judge's rating of the text, 1–10. The judge is asked for at the first text and disposed of with this.</summary>
public sealed class JudgeReward(Func<IJudge> open) : IReward, IDisposable
{
    private readonly Lazy<IJudge> judge = new(open);

    /// <inheritdoc/>
    public Task<double> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken) =>
        judge.Value.RateAsync(question, response.Text, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (judge.IsValueCreated)
        {
            judge.Value.Dispose();
        }
    }
}

/// <summary>Generated tokens.</summary>
public sealed class LengthReward : IReward
{
    /// <inheritdoc/>
    public Task<double> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken) =>
        Task.FromResult<double>(response.LengthTokens);
}

/// <summary>A number in [0, 1) that knows nothing of the response but its place.</summary>
public sealed class RandomReward(long seed) : IReward
{
    /// <inheritdoc/>
    public Task<double> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken) =>
        Task.FromResult(Draws.Of(seed, "random-reward", question.Id, response.Index).Uniform());
}

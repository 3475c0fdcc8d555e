namespace ProxyReward.Clients.Endpoints;

/// <summary>Token buckets for requests and tokens a minute. Thread-safe.</summary>
/// <param name="requestsPerMinute">Null: no limit.</param>
/// <param name="tokensPerMinute">Null: no limit.</param>
/// <param name="time">The clock.</param>
public sealed class RateLimits(int? requestsPerMinute, int? tokensPerMinute, TimeProvider time)
{
    private readonly TokenBucket? requests = requestsPerMinute is { } r ? new TokenBucket(r, time) : null;
    private readonly TokenBucket? tokens = tokensPerMinute is { } t ? new TokenBucket(t, time) : null;

    /// <summary>Waits until one more request of about that many tokens may start.</summary>
    public async Task WaitAsync(int estimatedTokens, CancellationToken cancellationToken)
    {
        var first = requests?.Take(1) ?? TimeSpan.Zero;
        var second = tokens?.Take(estimatedTokens) ?? TimeSpan.Zero;
        var wait = first > second ? first : second;
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <summary>Corrects an estimate when the true number is known.</summary>
    public void Settle(int estimatedTokens, long actualTokens) => tokens?.Return(estimatedTokens - actualTokens);
}

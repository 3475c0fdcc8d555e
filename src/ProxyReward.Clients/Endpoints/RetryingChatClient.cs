using System.Security.Cryptography;
using Microsoft.Extensions.AI;

namespace ProxyReward.Clients.Endpoints;

/// <summary>
/// The one retry layer. Bounds the requests in flight, keeps to the rate limits with every attempt, and repeats what may pass:
/// 429, 5xx, timeouts and broken connections, after the wait the endpoint asks for, else after a doubling one with jitter.
/// Thread-safe.
/// </summary>
/// <param name="inner">The SDK's client, its own retries off.</param>
/// <param name="endpoint">Limits and timeouts.</param>
/// <param name="key">The secret, to be taken out of messages.</param>
/// <param name="time">The clock.</param>
/// <param name="jitter">
/// A number in [0, 1) a call; by default random, because it touches no result and the shards of a job must not wait in step.
/// </param>
public sealed class RetryingChatClient(
    IChatClient inner, EndpointOptions endpoint, ApiKey key, TimeProvider time, Func<double>? jitter = null) : WholeAnswerChatClient(inner)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // An endpoint that asks for more has a problem that waiting in a run does not solve (a daily quota).
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim places = new(endpoint.Concurrency);
    private readonly RateLimits limits = new(endpoint.RequestsPerMinute, endpoint.TokensPerMinute, time);
    private readonly Func<double> jitter = jitter ?? (() => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20));

    /// <inheritdoc/>
    /// <exception cref="RequestException">The endpoint refuses the request, the key or the model.</exception>
    /// <exception cref="EndpointException">It failed more often than <see cref="EndpointOptions.MaxRetries"/>.</exception>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var tokens = TokenEstimate.Of(asked, options);
        await places.WaitAsync(cancellationToken);
        try
        {
            for (var retries = 0; ; retries++)
            {
                await limits.WaitAsync(tokens.Total, cancellationToken);
                try
                {
                    var started = time.GetTimestamp();
                    var response = await AttemptAsync(asked, options, cancellationToken);
                    limits.Settle(tokens.Total, response.Usage?.TotalTokenCount ?? tokens.Total);
                    new Attempts(retries, time.GetElapsedTime(started)).AttachTo(response);
                    return response;
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    var failure = Failure.Of(e, endpoint, key, time);
                    if (retries >= failure.MaxRetries || failure.RetryAfter > LongestAsked)
                    {
                        throw Final(failure, retries);
                    }

                    await Task.Delay(failure.RetryAfter ?? Backoff(retries), time, cancellationToken);
                }
            }
        }
        finally
        {
            places.Release();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            places.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<ChatResponse> AttemptAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(endpoint.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        return await InnerClient.GetResponseAsync(messages, options, either.Token);
    }

    // Doubling, each wait drawn from its upper half: apart enough to break step, long enough to help.
    private TimeSpan Backoff(int retries)
    {
        var longest = Math.Min(LongestWait.TotalSeconds, FirstWait.TotalSeconds * Math.Pow(2, retries));
        return TimeSpan.FromSeconds(longest * (0.5 + (jitter() / 2)));
    }

    // The cause is not passed on: its text is the endpoint's own and may quote the key.
    private Exception Final(Failure failure, int retries)
    {
        var message = key.Redact($"{endpoint.Model} at {endpoint.Address.Authority}: {failure.Message}");

        if (failure.Wrong)
        {
            return new RequestException(message);
        }

        var tries = retries == 0 ? "" : $" Tried {retries + 1} times.";
        var asked = failure.RetryAfter > LongestAsked ? $" It asks to wait {failure.RetryAfter.Value.TotalMinutes:0} minutes." : "";
        return new EndpointException($"{message}{asked}{tries} What was answered is kept: run again to go on.");
    }
}

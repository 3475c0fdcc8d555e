using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Tests.Fakes;

namespace ProxyReward.Clients.Tests.Endpoints;

public sealed class RateLimitsTests
{
    private readonly JumpingTime time = new();

    [Fact]
    public async Task Requests_leave_at_the_rate_after_the_first_second()
    {
        // 120 a minute are 2 a second; the bucket holds one second's worth.
        var limits = new RateLimits(120, null, time);
        for (var i = 0; i < 6; i++)
        {
            await limits.WaitAsync(1, CancellationToken.None);
        }

        Assert.Equal([0.5, 0.5, 0.5, 0.5], time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task Tokens_that_were_not_used_are_given_back_and_those_used_beyond_the_estimate_are_owed()
    {
        // 600 a minute are 10 a second.
        var limits = new RateLimits(null, 600, time);
        await limits.WaitAsync(10, CancellationToken.None);
        limits.Settle(10, 4);
        await limits.WaitAsync(6, CancellationToken.None);
        Assert.Empty(time.Waits);
        limits.Settle(6, 16);
        await limits.WaitAsync(5, CancellationToken.None);
        Assert.Equal([1.5], time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task A_request_larger_than_the_bucket_waits_for_its_debt_and_does_not_hang()
    {
        var limits = new RateLimits(null, 60, time);
        await limits.WaitAsync(31, CancellationToken.None);
        Assert.Equal([30.0], time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public void Options_that_cannot_work_are_refused_by_name()
    {
        var good = new EndpointOptions("m");
        Assert.Same(good, good.Validated());
        Assert.StartsWith("concurrency:", Refused(good with { Concurrency = 0 }));
        Assert.StartsWith("model:", Refused(good with { Model = " " }));
        Assert.StartsWith("endpoint:", Refused(good with { Address = new Uri("ftp://host/v1") }));
        Assert.StartsWith("endpoint:", Refused(good with { Address = new Uri("relative", UriKind.Relative) }));
        Assert.DoesNotContain("hunter2", Refused(good with { Address = new Uri("http://me:hunter2@host/v1") }));
        Assert.StartsWith("requests_per_minute:", Refused(good with { RequestsPerMinute = 0 }));
        Assert.StartsWith("tokens_per_minute:", Refused(good with { TokensPerMinute = -1 }));
        Assert.StartsWith("timeout:", Refused(good with { Timeout = TimeSpan.Zero }));
        Assert.StartsWith("max_retries:", Refused(good with { MaxRetries = -1 }));
        Assert.StartsWith("max_answer_bytes:", Refused(good with { MaxAnswerBytes = 1 }));

        static string Refused(EndpointOptions options) => Assert.Throws<RequestException>(options.Validated).Message;
    }
}

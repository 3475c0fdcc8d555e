using System.Diagnostics;
using Microsoft.Extensions.AI;
using ProxyReward.Clients;
using ProxyReward.Clients.Requests;
using ProxyReward.Clients.Tests.Fakes;

namespace ProxyReward.Bench;

/// <summary>
/// Hosted models against a fake endpoint in the same process (so its cost is in every figure): throughput with 256 requests in flight at a
/// latency of 1 s against the ideal (latency × requests / in flight; target 95 %), and memory over 100,000 requests at no latency (target: flat).
/// </summary>
internal static class ClientsBench
{
    private const int InFlight = 256;

    public static async Task<int> RunAsync()
    {
        var efficiency = await EfficiencyAsync(requests: 10 * InFlight, TimeSpan.FromSeconds(1));
        var growth = await GrowthAsync(100_000);
        return efficiency >= 0.95 && growth <= 1.25 ? 0 : 1;
    }

    private static async Task<double> EfficiencyAsync(int requests, TimeSpan latency)
    {
        await using var server = await FakeEndpoint.StartAsync(remembers: false);
        var ideal = latency * requests / InFlight;
        var seconds = await AskAsync(server, requests, FakeReply.Says("Fine.") with { Delay = latency }, _ => { });
        Console.WriteLine($"{requests} requests, {InFlight} in flight, latency {latency.TotalSeconds} s: {seconds:0.00} s, ideal {ideal.TotalSeconds:0.00} s, {ideal.TotalSeconds / seconds:P1} (target 95 %)");
        return ideal.TotalSeconds / seconds;
    }

    // Both halves of the run do the same, so what the second holds more than the first was kept.
    private static async Task<double> GrowthAsync(int requests)
    {
        await using var server = await FakeEndpoint.StartAsync(remembers: false);
        var (early, late) = (0L, 0L);
        var seconds = await AskAsync(server, requests, FakeReply.Says("Fine."), done =>
        {
            if (done == requests / 4)
            {
                early = Held();
            }
            else if (done == requests)
            {
                late = Held();
            }
        });
        Console.WriteLine($"{requests} requests at no latency: {requests / seconds:0} a second; managed memory after {requests / 4}: {early / 1e6:0.0} MB, after all: {late / 1e6:0.0} MB, peak working set {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB");
        return (double)late / early;

        static long Held() => GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task<double> AskAsync(FakeEndpoint server, int requests, FakeReply reply, Action<int> onDone)
    {
        var folder = Directory.CreateTempSubdirectory("bench").FullName;
        try
        {
            using var store = RequestStore.Open(Path.Combine(folder, "requests.db"));
            using var client = HostedModel.Open(server.Options with { Concurrency = InFlight }, store);

            // Connections are opened and code is compiled once a run, not once a request.
            await ManyAsync(4 * InFlight, "warm up", _ => { });
            server.Reply = _ => reply;
            var watch = Stopwatch.StartNew();
            await ManyAsync(requests, "question", onDone);
            return watch.Elapsed.TotalSeconds;

            async Task ManyAsync(int count, string text, Action<int> on)
            {
                var done = 0;
                await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (i, cancel) =>
                {
                    await client.GetResponseAsync($"{text} {i}", new Call("bench").On(new ChatOptions { MaxOutputTokens = 20 }), cancel);
                    on(Interlocked.Increment(ref done));
                });
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

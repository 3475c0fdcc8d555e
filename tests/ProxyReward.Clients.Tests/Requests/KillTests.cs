using System.Diagnostics;
using Microsoft.Extensions.AI;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;
using ProxyReward.Clients.Tests.Fakes;

namespace ProxyReward.Clients.Tests.Requests;

public sealed class KillTests
{
    private const string Server = "PROXYREWARD_KILL_SERVER";
    private const string Folder = "PROXYREWARD_KILL_FOLDER";

    [Fact]
    public async Task What_a_killed_process_had_seen_is_not_asked_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "kill -9 is a matter of Unix");
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = body => FakeReply.Says($"answer to {FakeEndpoint.LastMessage(body)}");
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "-method", $"{typeof(KillTests).FullName}.{nameof(Asks_until_it_is_killed)}" },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [Server] = bench.Server.Address.ToString(), [Folder] = bench.Folder },
        };
        using (var process = Process.Start(start)!)
        {
            while (!process.HasExited && bench.Server.Bodies.Count < 200)
            {
                await Task.Delay(5);
            }

            // SIGKILL: no finally, no flush.
            process.Kill();
            await process.WaitForExitAsync();
        }

        Assert.True(bench.Server.Bodies.Count >= 200, "the child did not ask");
        var seen = (await File.ReadAllTextAsync(Path.Combine(bench.Folder, "seen"))).Split('\n')[..^1];
        Assert.True(seen.Length > 100, $"only {seen.Length} answers were seen");
        var before = bench.Server.Bodies.Count;
        using var store = RequestStore.Open(bench.StorePath);
        using var client = HostedModel.Open(new EndpointOptions("fake-model") { Address = bench.Server.Address }, store);
        foreach (var prompt in seen)
        {
            Assert.Equal($"answer to {prompt}", (await client.GetResponseAsync(prompt)).Text);
        }

        Assert.Equal(before, bench.Server.Bodies.Count);
        Assert.InRange(store.Summary().Single().Requests, seen.Length, before);
    }

    [Fact]
    public async Task Asks_until_it_is_killed()
    {
        var address = Environment.GetEnvironmentVariable(Server);
        Assert.SkipWhen(address is null, "runs only as the child of the test above");
        var folder = Environment.GetEnvironmentVariable(Folder)!;
        using var store = RequestStore.Open(Path.Combine(folder, "requests.db"));
        using var client = HostedModel.Open(new EndpointOptions("fake-model") { Address = new Uri(address) }, store);
        using var gate = new SemaphoreSlim(1);
        await Parallel.ForAsync(0, 100_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellationToken) =>
        {
            await client.GetResponseAsync($"question {i}", cancellationToken: cancellationToken);
            await gate.WaitAsync(cancellationToken);
            await File.AppendAllTextAsync(Path.Combine(folder, "seen"), $"question {i}\n", cancellationToken);
            gate.Release();
        });
    }
}

using ProxyReward.Clients.Tests.Fakes;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Questions;

/// <summary><c>questions generate</c> as processes of their own, several at a time and killed.</summary>
public sealed class ProcessTests : IAsyncLifetime
{
    private const string Secret = "sk-very-secret-0123456789";
    private readonly TemporaryFolder folder = new(inMemory: true);
    private FakeEndpoint server = null!;

    public async ValueTask InitializeAsync() => (server = await FakeEndpoint.StartAsync()).Reply = WritingModel.Reply;

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Shards_at_the_same_time_merge_to_the_bytes_of_the_whole()
    {
        Assert.Equal((0, ""), await CodeOf(Generate("whole.jsonl", "whole.sqlite")));
        var shards = Enumerable.Range(1, 3).Select(i => CodeOf(Generate("set.jsonl", $"{i}.sqlite", "--shard", $"{i}/3"))).ToList();
        Assert.All(await Task.WhenAll(shards), ended => Assert.Equal((0, ""), ended));
        Assert.Equal((0, ""), await CodeOf(Start("questions", "merge", "--shards", "3", "--domains", "music", "history", "film", "--out", folder["set.jsonl"])));
        Assert.Equal(File.ReadAllBytes(folder["whole.jsonl"]), File.ReadAllBytes(folder["set.jsonl"]));
    }

    [Fact]
    public async Task A_killed_process_goes_on_and_asks_only_what_was_in_flight_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "kill -9 is a matter of Unix");
        Assert.Equal((0, ""), await CodeOf(Generate("whole.jsonl", "whole.sqlite")));
        var whole = server.Bodies.Count;
        server.Bodies.Clear();
        foreach (var moment in new[] { 3, 9 })
        {
            using var process = Generate("set.jsonl", "c.sqlite", "--concurrency", "2");
            while (server.Bodies.Count < moment && !process.HasExited)
            {
                await Task.Delay(1);
            }

            // SIGKILL: no finally, no flush.
            process.Kill();
            await process.WaitForExitAsync();
        }

        Assert.Equal((0, ""), await CodeOf(Generate("set.jsonl", "c.sqlite", "--concurrency", "2")));
        Assert.Equal(File.ReadAllBytes(folder["whole.jsonl"]), File.ReadAllBytes(folder["set.jsonl"]));
        Assert.InRange(server.Bodies.Count, whole, whole + (2 * 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_from_the_user_secrets_reaches_the_endpoint_and_nothing_else(bool quoted)
    {
        Directory.CreateDirectory(folder["Microsoft/UserSecrets/proxyreward"]);
        File.WriteAllText(folder["Microsoft/UserSecrets/proxyreward/secrets.json"], $$"""{"MY_KEY": "{{Secret}}"}""");
        server.Reply = quoted ? _ => FakeReply.Error(401, $"Incorrect API key provided: {Secret}") : WritingModel.Reply;
        var (code, output, error) = await Start(
            [("APPDATA", folder.Path), ("MY_KEY", null)],
            [.. Generating("set.jsonl", "c.sqlite"), "--api-key-env", "MY_KEY"]).EndAsync();
        Assert.Equal(quoted ? 2 : 0, code);
        Assert.Equal($"Bearer {Secret}", server.Authorizations.First());
        Directory.Delete(folder["Microsoft"], recursive: true);
        Assert.DoesNotContain("very-secret", output + error, StringComparison.Ordinal);
        Assert.All(
            Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain("very-secret", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal));
    }

    // What a command that failed said stands in the assertion.
    private static async Task<(int Code, string Failure)> CodeOf(System.Diagnostics.Process process)
    {
        var (code, output, error) = await process.EndAsync();
        return (code, code == 0 ? "" : output + error);
    }

    private string[] Generating(string output, string cache) =>
    [
        "questions", "generate", "--model", "fake-model", "--endpoint", server.Address.ToString(), "--cache", folder[cache], "--out", folder[output],
        "--domains", "music", "history", "film", "--count", "9", "--proxies", "5",
    ];

    private System.Diagnostics.Process Generate(string output, string cache, params string[] more) => Start([.. Generating(output, cache), .. more]);

    private System.Diagnostics.Process Start(params string[] arguments) => Start([], arguments);

    private System.Diagnostics.Process Start((string, string?)[] variables, string[] arguments) => Shell.Start(Shell.Program, arguments, folder.Path, variables);
}

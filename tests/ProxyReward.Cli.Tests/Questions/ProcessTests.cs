using ProxyReward.Clients.Tests.Fakes;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Questions;

/// <summary><c>questions generate</c> as processes of their own, several at a time and killed.</summary>
public sealed class ProcessTests : WritingServerTests
{
    private const string Secret = "sk-very-secret-0123456789";

    [Fact]
    public async Task Shards_at_the_same_time_merge_to_the_bytes_of_the_whole()
    {
        Assert.Equal((0, ""), await CodeOf(Generate("whole.jsonl", "whole.sqlite")));
        var shards = Enumerable.Range(1, 3).Select(i => CodeOf(Generate("set.jsonl", $"{i}.sqlite", "--shard", $"{i}/3"))).ToList();
        Assert.All(await Task.WhenAll(shards), ended => Assert.Equal((0, ""), ended));
        Assert.Equal((0, ""), await CodeOf(Start("questions", "merge", "--shards", "3", "--domains", "music", "history", "film", "--out", Folder["set.jsonl"])));
        Assert.Equal(File.ReadAllBytes(Folder["whole.jsonl"]), File.ReadAllBytes(Folder["set.jsonl"]));
    }

    [Fact]
    public async Task A_killed_process_goes_on_and_asks_only_what_was_in_flight_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "kill -9 is a matter of Unix");
        Assert.Equal((0, ""), await CodeOf(Generate("whole.jsonl", "whole.sqlite")));
        var whole = Server.Bodies.Count;
        Server.Bodies.Clear();
        foreach (var moment in new[] { 3, 9 })
        {
            using var process = Generate("set.jsonl", "c.sqlite", "--concurrency", "2");
            while (Server.Bodies.Count < moment && !process.HasExited)
            {
                await Task.Delay(1);
            }

            // SIGKILL: no finally, no flush.
            process.Kill();
            await process.WaitForExitAsync();
        }

        Assert.Equal((0, ""), await CodeOf(Generate("set.jsonl", "c.sqlite", "--concurrency", "2")));
        Assert.Equal(File.ReadAllBytes(Folder["whole.jsonl"]), File.ReadAllBytes(Folder["set.jsonl"]));
        Assert.InRange(Server.Bodies.Count, whole, whole + (2 * 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_from_the_user_secrets_reaches_the_endpoint_and_nothing_else(bool quoted)
    {
        Directory.CreateDirectory(Folder["Microsoft/UserSecrets/proxyreward"]);
        File.WriteAllText(Folder["Microsoft/UserSecrets/proxyreward/secrets.json"], $$"""{"MY_KEY": "{{Secret}}"}""");
        Server.Reply = quoted ? _ => FakeReply.Error(401, $"Incorrect API key provided: {Secret}") : WritingModel.Reply;
        var (code, output, error) = await Start(
            [("APPDATA", Folder.Path), ("MY_KEY", null)],
            [.. Generating("set.jsonl", "c.sqlite"), "--api-key-env", "MY_KEY"]).EndAsync();
        Assert.Equal(quoted ? 2 : 0, code);
        Assert.Equal($"Bearer {Secret}", Server.Authorizations.First());
        Directory.Delete(Folder["Microsoft"], recursive: true);
        Assert.DoesNotContain("very-secret", output + error, StringComparison.Ordinal);
        Assert.All(
            Directory.GetFiles(Folder.Path, "*", SearchOption.AllDirectories),
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
        "questions", "generate", "--model", "fake-model", "--endpoint", Server.Address.ToString(), "--cache", Folder[cache], "--out", Folder[output],
        "--domains", "music", "history", "film", "--count", "9", "--proxies", "5",
    ];

    private System.Diagnostics.Process Generate(string output, string cache, params string[] more) => Start([.. Generating(output, cache), .. more]);

    private System.Diagnostics.Process Start(params string[] arguments) => Start([], arguments);

    private System.Diagnostics.Process Start((string, string?)[] variables, string[] arguments) => Shell.Start(Shell.Program, arguments, Folder.Path, variables);
}

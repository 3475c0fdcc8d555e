using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Questions;

/// <summary>The verbs with a checkpoint on this machine: the pocket model, whose answers no verb can use.</summary>
public sealed class LocalModelVerbTests : IDisposable
{
    private static readonly string Model = Path.Combine(FixtureRoot.Repository, "data", "pocket", "model-1m");
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly Verbs verbs = new();

    // The prompts that come with the program are longer than what this model can read.
    public LocalModelVerbTests() =>
        File.WriteAllText(folder["meta-questions.md"], "# system\n\nReply in JSON.\n\n# user\n\nWrite {{count}} about {{domain}}.\n");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Replies_that_cannot_be_used_are_counted_and_the_work_failed()
    {
        Assert.Equal(1, await Generate());
        Assert.Contains($"music: {Model} gave no usable reply to 'meta-questions' in 2 attempts", verbs.Error, StringComparison.Ordinal);
        Assert.Contains("not written, for no question was", verbs.Error, StringComparison.Ordinal);
        Assert.Matches($@"\| questions generate \| {Model} \| 2 \| 0 \| [0-9]+ \| [0-9]+ \| \$0\.00 \| [0-9.]+ s \| 0 \| 0 \| [0-2] \| 0 \| 2 \|", verbs.Error);
        Assert.False(File.Exists(folder["set.jsonl"]));

        // What was answered is not asked again: the model is not even read.
        Assert.Equal(1, await Generate());
        Assert.Matches($@"\| questions generate \| {Model} \| 2 \| 2 \|", verbs.Error);
    }

    [Fact]
    public async Task A_dry_run_reads_no_weights_and_costs_nothing()
    {
        Assert.Equal(0, await Generate("--dry-run"));
        Assert.Matches($@"\| questions generate \| {Model} \| 3 \| about [0-9]+ \| about [0-9]+ \| \$0\.00 \|", verbs.Output);
    }

    [Fact]
    public async Task A_prompt_that_the_model_cannot_hold_is_a_wrong_request()
    {
        File.AppendAllText(folder["meta-questions.md"], string.Concat(Enumerable.Repeat("a long story ", 800)));
        Assert.Equal(2, await Generate());
        Assert.Contains("640 positions", verbs.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models pull owner/absent", "--model", "owner/absent")]
    [InlineData("no such file or folder", "--model", "./absent.gguf")]
    [InlineData("--concurrency: ", "--model", "MODEL", "--concurrency", "4")]
    [InlineData("--api-key-env: ", "--model", "MODEL", "--api-key-env", "KEY")]
    [InlineData("--max-tokens: ", "--model", "MODEL", "--max-tokens", "0")]
    public async Task A_wrong_request_says_how_to_mend_it(string message, params string[] arguments)
    {
        string[] options = [.. arguments.Select(argument => argument == "MODEL" ? Model : argument)];
        Assert.Equal(2, await verbs.RunAsync(["generate", "--cache", folder["c.sqlite"], "--out", folder["set.jsonl"], .. options]));
        Assert.Contains(message, verbs.Error, StringComparison.Ordinal);
    }

    private Task<int> Generate(params string[] more) => verbs.RunAsync(
        ["generate", "--model", Model, "--domains", "music", "--count", "2", "--attempts", "2", "--max-tokens", "30", "--prompts", folder.Path, "--cache", folder["c.sqlite"], "--out", folder["set.jsonl"], .. more]);
}

using System.Text.Json;
using ProxyReward.Questions;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Questions;

public sealed class OfflineVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly Verbs verbs = new();

    public static TheoryData<string> Sets =>
        [.. Directory.GetFiles(Path.Combine(FixtureRoot.Repository, "data"), "*questions.jsonl", SearchOption.AllDirectories)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task A_shipped_set_passes_the_gate_and_is_split_twinned_and_imported_whole(string path)
    {
        var set = QuestionSet.Load(path);
        Assert.Equal(0, await verbs.RunAsync("check", path, "--json", "--html", folder["gate.html"]));
        using var report = JsonDocument.Parse(verbs.Output);
        Assert.Equal((true, set.Count), (report.RootElement.GetProperty("passed").GetBoolean(), report.RootElement.GetProperty("questions").GetInt32()));
        Assert.Contains($"{set.Count} meta-questions", File.ReadAllText(folder["gate.html"]), StringComparison.Ordinal);

        Assert.Equal(0, await verbs.RunAsync("split", path, "--out", folder["parts"]));
        Assert.Equal(
            set.Select(question => question.Id).Order(),
            Directory.GetFiles(folder["parts"]).SelectMany(QuestionSet.Load).Select(question => question.Id).Order());

        Assert.Equal(0, await verbs.RunAsync("twins", path, "--out", folder["twins.jsonl"]));
        var (proxies, withTwins) = (Count(set), Count(QuestionSet.Load(folder["twins.jsonl"])));
        Assert.InRange(withTwins, proxies + 1, 2 * proxies);
        Assert.Contains($"{withTwins - proxies} twins added, {(2 * proxies) - withTwins} proxies without", verbs.Output, StringComparison.Ordinal);

        Assert.Equal(0, await verbs.RunAsync("import", path, "--out", folder["imported.jsonl"]));
        Assert.Equal(proxies, Count(QuestionSet.Load(folder["imported.jsonl"])));
    }

    [Fact]
    public async Task A_set_that_does_not_pass_is_shown_with_its_reasons_and_the_work_failed()
    {
        QuestionSet.Save(folder["set.jsonl"], [new("q", "d", "Write about Rome.", [new("p1", "Is it so?", true), new("p2", "Romulus was a twin.", true)])]);
        Assert.Equal(1, await verbs.RunAsync("check", folder["set.jsonl"]));
        Assert.Contains("p1: rejected, form: ", verbs.Output, StringComparison.Ordinal);
        Assert.Contains("did not pass", verbs.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_part_takes_the_file_of_an_earlier_cut_away()
    {
        QuestionSet.Save(folder["set.jsonl"], FakeLab.Questions("train", 6));
        File.WriteAllText(folder["dev.jsonl"], "earlier");
        Assert.Equal(0, await verbs.RunAsync("split", folder["set.jsonl"], "--out", folder.Path, "--dev", "0"));
        Assert.False(File.Exists(folder["dev.jsonl"]));
    }

    [Theory]
    [InlineData("no such question set", "check", "absent.jsonl")]
    [InlineData("no such file or folder", "import", "absent.parquet", "--out", "x.jsonl")]
    [InlineData("no prompt 'absent'", "prompts", "absent")]
    [InlineData("--shards: '1' is not a whole number from 2 to 10000", "merge", "--shards", "1", "--out", "x.jsonl")]
    [InlineData("no such question set", "merge", "--shards", "2", "--out", "absent.jsonl")]
    [InlineData("write i/n", "generate", "--model", "m", "--shard", "3/2", "--out", "x.jsonl")]
    [InlineData("give both", "generate", "--model", "m", "--price-in", "1", "--out", "x.jsonl")]
    [InlineData("is no address", "generate", "--model", "m", "--endpoint", "here", "--out", "x.jsonl")]
    public async Task A_wrong_request_says_how_to_mend_it(string message, params string[] arguments)
    {
        Assert.Equal(2, await verbs.RunAsync(arguments));
        Assert.Contains(message, verbs.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--dry-run")]
    [InlineData("--fix", "mended.jsonl")]
    [InlineData("--rules", "judge")]
    public async Task What_only_a_model_does_is_refused_without_one(params string[] options)
    {
        QuestionSet.Save(folder["set.jsonl"], FakeLab.Questions("train", 1));
        Assert.Equal(2, await verbs.RunAsync(["check", folder["set.jsonl"], .. options]));
        Assert.Contains("name it with --model", verbs.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check", "--budget", "1")]
    [InlineData("check", "--temperature", "1")]
    [InlineData("twins", "--budget", "1")]
    [InlineData("twins", "--seed", "3")]
    [InlineData("twins", "--endpoint", "http://localhost/v1")]
    [InlineData("import", "--prompts", "/absent")]
    [InlineData("import", "--api-key-env", "X")]
    [InlineData("import", "--proxies", "3")]
    public async Task An_option_of_the_model_without_a_model_is_refused_by_name(string verb, string option, string value)
    {
        QuestionSet.Save(folder["set.jsonl"], FakeLab.Questions("train", 1));
        string[] target = verb == "check" ? [] : ["--out", folder["made.jsonl"]];
        Assert.Equal(2, await verbs.RunAsync([verb, folder["set.jsonl"], .. target, option, value]));
        Assert.Contains($"{option}: no model is asked; name it with --model, or leave {option} out.", verbs.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["made.jsonl"]));
    }

    [Fact]
    public async Task Prompts_are_listed_by_hash_and_shown_whole()
    {
        Assert.Equal(0, await verbs.RunAsync("prompts"));
        Assert.Matches("(?m)^[0-9a-f]{16}  proxy-questions$", verbs.Output);
        Assert.Equal(0, await verbs.RunAsync("prompts", "negate"));
        Assert.StartsWith("# system", verbs.Output, StringComparison.Ordinal);
    }

    private static int Count(IEnumerable<MetaQuestion> questions) => questions.Sum(question => question.Proxies.Count);
}

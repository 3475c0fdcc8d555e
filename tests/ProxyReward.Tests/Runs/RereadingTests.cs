using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Runs;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Tests.Runs;

public sealed class RereadingTests : IDisposable
{
    private const string Other = "questions.held_out=other.jsonl";
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly FakeLab lab;

    public RereadingTests() => lab = new(folder["lab"]);

    private CancellationToken Cancel { get; } = TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_comes_to_the_numbers_of_a_run_that_was_evaluated_so_from_the_start()
    {
        await RunAsync("run", lab.Parts());
        await RunAsync("whole", Parts(Otherwise), Other);
        var (summary, whole) = (await RereadAsync("again", Parts(Otherwise), Other), Summary("whole"));
        Assert.NotEqual(Summary("run").Base.Accuracy!.Mean, whole.Base.Accuracy!.Mean); // else this says nothing
        Assert.Equal(JsonOf(whole), JsonOf(summary));
        foreach (var name in new[] { "recipe.yaml", "questions.jsonl", "run.json", "base/evaluation/verdicts.jsonl", "iteration-2/evaluation/measures.jsonl", "controls/length/evaluation/measures.jsonl" })
        {
            Assert.Equal(File.ReadAllText(folder[$"whole/{name}"]), File.ReadAllText(folder[$"again/{name}"]));
        }

        // It is compared like a run, and holds no model.
        Assert.Equal(
            RunComparison.Of([new RunFolder(folder["whole"])]).Select(difference => difference.Pooled),
            RunComparison.Of([new RunFolder(folder["again"])]).Select(difference => difference.Pooled));
        Assert.Empty(Directory.GetDirectories(folder["again"], "checkpoint", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Stopped_after_any_file_it_goes_on_to_the_same_bytes()
    {
        await RunAsync("run", lab.Parts());
        await RereadAsync("whole", Parts(Otherwise), Other);
        await RereadAsync("again", Parts(Otherwise), Other);
        foreach (var name in new[] { "summary.json", "controls/length/evaluation/verdicts.jsonl", "iteration-1/evaluation.json", "recipe.yaml", "base/evaluation/responses.jsonl" })
        {
            File.Delete(folder[$"again/{name}"]);
            if (name == "base/evaluation/responses.jsonl")
            {
                File.Delete(folder["again/recipe.yaml"]); // which comes last: without the responses it is not there yet
            }

            await RereadAsync("again", Parts(Otherwise), Other);
            Assert.Equal(JsonOf(Summary("whole")), JsonOf(Summary("again")));
        }
    }

    [Theory]
    [InlineData("there 'seed: 3', asked 'seed: 4': that makes other models or other responses", "seed=4")]
    [InlineData("there 'reader: exact', asked 'reader: value'", "reader=value")]
    [InlineData("asked 'evaluation.responses: 3'", "evaluation.responses=3")]
    public async Task What_would_make_other_models_or_responses_is_refused(string message, string set)
    {
        await RunAsync("run", lab.Parts());
        Assert.Contains(message, (await Assert.ThrowsAsync<RequestException>(() => RereadAsync("again", lab.Parts(), set))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["again/recipe.yaml"]));
    }

    [Fact]
    public async Task Questions_that_the_run_did_not_answer_are_refused_by_id()
    {
        await RunAsync("run", lab.Parts());
        Assert.Contains("other.jsonl has 3 questions, and the run answered 2", await ErrorAsync(lab.Parts(heldOut: 3)), StringComparison.Ordinal);
        Assert.Contains("does not ask 'held/0' as the run did", await ErrorAsync(Parts(question => question with { Text = "Tell me more." })), StringComparison.Ordinal);

        async Task<string> ErrorAsync(RunParts parts) => (await Assert.ThrowsAsync<RequestException>(() => RereadAsync("again", parts, Other))).Message;
    }

    [Fact]
    public async Task A_run_that_is_not_finished_is_refused()
    {
        await RunAsync("run", lab.Parts());
        File.Delete(folder["run/summary.json"]);
        Assert.Contains("finish the run first", (await Assert.ThrowsAsync<RequestException>(() => RereadAsync("again", lab.Parts(), Other))).Message, StringComparison.Ordinal);
    }

    // Other gold answers to the same statements, of which the fake policy makes its texts.
    private static MetaQuestion Otherwise(MetaQuestion question) => question with { Proxies = [.. question.Proxies.Select((proxy, i) => proxy with { Answer = i > 1 })] };

    private RunParts Parts(Func<MetaQuestion, MetaQuestion> heldOut)
    {
        var parts = lab.Parts();
        var splits = parts.Questions();
        return parts with { Questions = () => splits with { HeldOut = [.. splits.HeldOut.Select(heldOut)] } };
    }

    private async Task RunAsync(string name, RunParts parts, params string[] overrides)
    {
        using var run = Run.Open(lab.Recipe(overrides), parts, new RunFolder(folder[name]), new SilentProgress());
        await foreach (var _ in new IterationRunner(run).RunAsync(Cancel))
        {
            // Until its end.
        }
    }

    private async Task<RunSummary> RereadAsync(string name, RunParts parts, params string[] overrides)
    {
        var (recipe, to) = (lab.Recipe(overrides), new RunFolder(folder[name]));
        Rereading.Begin(new RunFolder(folder["run"]), recipe, () => parts.Questions().HeldOut, to);
        using var run = Run.Open(recipe, parts with { Policies = new NoPolicies() }, to, new SilentProgress());
        await Rereading.ReadAsync(run, Cancel);
        return Summary(name);
    }

    private RunSummary Summary(string name) => JsonFile.Read<RunSummary>(new RunFolder(folder[name]), RunSummary.FileName);

    // Times are what two runs do not share.
    private static string JsonOf(RunSummary summary) => System.Text.Json.JsonSerializer.Serialize(
        summary with
        {
            Iterations = [.. summary.Iterations.Select(arm => arm with { Seconds = null })],
            Controls = summary.Controls.ToDictionary(arm => arm.Key, arm => arm.Value with { Seconds = null }),
        },
        Json.Indented);

    private sealed class NoPolicies : IPolicyLoader
    {
        public IPolicy Load(string folder, ComputePrecision precision, ChatTemplateOptions chat) => throw new InvalidOperationException("a model was opened");
    }
}

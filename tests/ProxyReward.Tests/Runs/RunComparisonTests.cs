using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Runs;
using ProxyReward.Testing;

namespace ProxyReward.Tests.Runs;

public sealed class RunComparisonTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Runs_of_one_recipe_and_different_seeds_are_pooled_whatever_their_order()
    {
        await RunAsync("a", Splits(question => question, 11), "seed=1");
        await RunAsync("b", Splits(question => question, 11), "seed=2", "name=other");
        var differences = Compare("a", "b");
        Assert.Equal(
            ["iteration 1 − base", "iteration 2 − base", "iteration 1 − control length"],
            differences.Select(d => $"{d.Left} − {d.Right}").Distinct(StringComparer.Ordinal));
        Assert.All(differences, d => Assert.Equal(d.PerRun.Average(run => run.Mean), d.Pooled.Mean, 12));
        Assert.All(differences, d => Assert.Equal(11, d.Pooled.N)); // both runs have the same held-out questions
        Assert.Equal(differences.Select(d => d.Pooled), Compare("b", "a").Select(d => d.Pooled));
    }

    [Fact]
    public async Task The_intervals_of_a_run_are_those_of_its_own_summary()
    {
        await RunAsync("a", Splits(question => question, 11), "seed=7", "evaluation.bootstrap_draws=137");
        var summary = JsonFile.Read<RunSummary>(Store("a"), RunSummary.FileName);
        var differences = Compare("a").Where(d => d.Right == "base").ToList();
        Assert.Equal(
            summary.Iterations.SelectMany(i => new[] { i.DifferenceToBase.Accuracy, i.DifferenceToBase.AccuracyAt120 }),
            differences.Select(d => d.PerRun[0]));
        Assert.Equal(differences.Select(d => d.PerRun[0]), differences.Select(d => d.Pooled));
    }

    [Fact]
    public async Task A_run_is_not_pooled_with_itself()
    {
        await RunAsync("a");
        Assert.Contains($"{folder["a"]}: is named twice", Refusal("a", "a"), StringComparison.Ordinal);
        Copy("a", "copy");
        Assert.Contains("has seed 3, as ", Refusal("a", "copy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recipes_that_differ_in_more_than_their_seeds_are_refused_with_every_key()
    {
        await RunAsync("a", "seed=1");
        await RunAsync("b", "seed=2", "reader=value", "dpo.epochs=2");
        var refusal = Refusal("a", "b");
        Assert.Contains(
            $"{folder["b/recipe.yaml"]}: differs from {folder["a/recipe.yaml"]} in reader (value, not exact), dpo.epochs (2, not 1). Pool", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("seed (", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("recipe.yaml", "reader: exact", "reader: value")]
    [InlineData("questions.jsonl", "Tell me about held 1.", "Tell me.")]
    public async Task A_recipe_or_a_question_that_was_changed_in_the_folder_is_refused(string name, string said, string now)
    {
        await RunAsync("a");
        File.WriteAllText(folder[$"a/{name}"], File.ReadAllText(folder[$"a/{name}"]).Replace(said, now, StringComparison.Ordinal));
        Assert.Contains($"{folder[$"a/{name}"]}: is not what {folder["a/run.json"]} says", Refusal("a"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Runs_that_were_read_by_other_evidence_are_refused_with_the_question_whatever_their_seeds(int seed)
    {
        await RunAsync("a", "seed=1");
        await RunAsync("b", Splits(question => question.Id != "held/1" ? question : question with
        {
            Proxies = [.. question.Proxies.Select(proxy => proxy with { Evidence = [new(["other"])] })],
        }), $"seed={seed}");
        Assert.Contains($"{folder["b/questions.jsonl"]}: question 'held/1' is not what it is in {folder["a/questions.jsonl"]}", Refusal("a", "b"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_another_content_at_the_same_path_is_refused()
    {
        await RunAsync("a", "seed=1");
        FakePolicy.Create(new FakeLab(folder["lab"]).Model, 0.5);
        await RunAsync("b", "seed=2");
        Assert.Contains($"{folder["b/run.json"]}: this run started from another model", Refusal("a", "b"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_split_seed_may_put_the_same_questions_on_other_sides()
    {
        string[] pocket = ["questions={train: pocket, held_out: pocket}", "controls=[]", "iterations=1"];
        var swapped = new QuestionSplits(FakeLab.Questions("held", 2), [], FakeLab.Questions("train", 2));
        await RunAsync("a", [.. pocket, "seed=1"]);
        await RunAsync("b", swapped, [.. pocket, "seed=2", "lab.split_seed=2"]);
        Assert.All(Compare("a", "b"), d => Assert.Equal(4, d.Pooled.N));

        await RunAsync("c", swapped, [.. pocket, "seed=3"]);
        Assert.Contains("question 'held/0' is not what it is in", Refusal("a", "c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_only_the_controls_differ_the_arms_that_all_have_are_pooled()
    {
        await RunAsync("a", "seed=1", "iterations=1", "controls=[random,length,temperature]");
        await RunAsync("b", "seed=2", "iterations=1", "controls=[temperature,random]");
        await RunAsync("c", "seed=3", "iterations=1", "controls=[]");
        Assert.Equal(["base", "control random", "control temperature"], Compare("a", "b").Select(d => d.Right).Distinct(StringComparer.Ordinal));
        Assert.Equal(["base"], Compare("a", "b", "c").Select(d => d.Right).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_iterations_a_control_is_compared_with_the_base()
    {
        await RunAsync("a", "seed=1", "iterations=0", "controls=[temperature]");
        Assert.All(Compare("a"), d => Assert.Equal(("control temperature", "base"), (d.Left, d.Right)));
        Assert.Equal(JsonFile.Read<RunSummary>(Store("a"), RunSummary.FileName).Controls["temperature"].DifferenceToBase.Accuracy, Compare("a")[0].Pooled);

        await RunAsync("b", "seed=2", "iterations=0", "controls=[]");
        Assert.Contains("there is nothing to compare", Refusal("a", "b"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("short")]
    [InlineData("a line twice")]
    public async Task Measures_that_are_not_those_of_every_response_are_refused_with_their_file(string damage)
    {
        await RunAsync("a");
        var path = folder["a/iteration-2/evaluation/measures.jsonl"];
        var lines = File.ReadAllLines(path);
        Assert.Equal(4, lines.Length); // 2 responses to each of 2 questions
        (string[] Lines, string Said) damaged = damage switch
        {
            "short" => (lines[..3], "has 3 of the 4 responses to held-out questions in 3 lines"),
            "a line twice" => ([.. lines, lines[0]], "has 4 of the 4 responses to held-out questions in 5 lines"),
            _ => ([], "has 0 of the 4 responses"),
        };
        File.Delete(path);
        if (damage != "missing")
        {
            File.WriteAllText(path, string.Concat(damaged.Lines.Select(line => line + "\n")));
        }

        Assert.Contains($"{path}: {damaged.Said}", Refusal("a"), StringComparison.Ordinal);
        await RunAsync("a");
        Assert.NotEmpty(Compare("a"));
    }

    [Fact]
    public async Task A_run_that_is_not_finished_is_refused()
    {
        await RunAsync("a");
        File.Delete(folder["a/summary.json"]);
        Assert.Contains($"{folder["a/summary.json"]}: is not there", Refusal("a"), StringComparison.Ordinal);
    }

    private RunFolder Store(string name) => new(folder[name]);

    private IReadOnlyList<ArmDifference> Compare(params string[] runs) => RunComparison.Of([.. runs.Select(Store)]);

    private string Refusal(params string[] runs) => Assert.Throws<RequestException>(() => Compare(runs)).Message;

    private void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(folder[from], "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder[to], Path.GetRelativePath(folder[from], file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static QuestionSplits Splits(Func<MetaQuestion, MetaQuestion> change, int heldOut = 2) =>
        new([.. FakeLab.Questions("train", 2).Select(change)], [], [.. FakeLab.Questions("held", heldOut).Select(change)]);

    private Task RunAsync(string name, params string[] overrides) => RunAsync(name, Splits(question => question), overrides);

    private async Task RunAsync(string name, QuestionSplits questions, params string[] overrides)
    {
        var lab = new FakeLab(folder["lab"]);
        using var run = Run.Open(lab.Recipe(overrides), lab.Parts() with { Questions = () => questions }, Store(name), new SilentProgress());
        await foreach (var done in new IterationRunner(run).RunAsync(TestContext.Current.CancellationToken))
        {
            Assert.NotNull(done);
        }
    }
}

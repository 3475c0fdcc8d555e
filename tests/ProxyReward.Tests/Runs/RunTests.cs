using System.Text.Json;
using ProxyReward.Evaluation;
using ProxyReward.Pairs;
using ProxyReward.Questions;
using ProxyReward.Rewards;
using ProxyReward.Runs;
using ProxyReward.Testing;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Runs;

public sealed class RunTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly FakeLab lab;

    public RunTests() => lab = new(folder["lab"]);

    private CancellationToken Cancel { get; } = TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_summary_equals_what_the_artefacts_say()
    {
        await RunAsync("run");
        var store = new RunFolder(folder["run"]);
        var summary = JsonFile.Read<RunSummary>(store, RunSummary.FileName);
        Assert.Equal((1, "fake", 3L, new QuestionNumbers(2, 0, 2)), (summary.Schema, summary.Name, summary.Seed, summary.Questions));
        Assert.Equal([1, 2], summary.Iterations.Select(i => i.Iteration));
        Assert.Equal(["length"], summary.Controls.Keys);

        var measures = Jsonl.Read<ResponseMeasures>(store, "iteration-2/evaluation/measures.jsonl");
        Assert.Equal(measures.Average(m => m.Accuracy), summary.Iterations[1].Accuracy!.Mean, 12);
        var before = Jsonl.Read<ResponseMeasures>(store, "base/evaluation/measures.jsonl");
        Assert.Equal(measures.Average(m => m.Accuracy) - before.Average(m => m.Accuracy), summary.Iterations[1].DifferenceToBase.Accuracy.Mean, 12);
        Assert.Equal(Jsonl.Read<TrainingStep>(store, "iteration-1/training.jsonl").Count, JsonFile.Read<TrainingResult>(store, "iteration-1/training.json").Steps);
        Assert.Equal(["respond", "read", "pair", "train", "evaluate"], summary.Iterations[0].Seconds!.Keys);
    }

    [Fact]
    public async Task The_summary_has_the_documented_form()
    {
        await RunAsync("run");
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(folder["run/summary.json"], Cancel));
        string[] measures = ["accuracy", "accuracy_at_120", "precision", "contradicted", "duplicates", "repetition", "truncated", "length_tokens"];
        Assert.Equal(["schema", "name", "seed", "questions", "base", "iterations", "controls", "signatures"], Keys(json.RootElement));
        Assert.Equal(["train", "dev", "held_out"], Keys(json.RootElement.GetProperty("questions")));
        Assert.Equal(measures, Keys(json.RootElement.GetProperty("base")));
        Assert.Equal(["iteration", "reward", .. measures, "difference_to_base", "pairs", "seconds"], Keys(json.RootElement.GetProperty("iterations")[0]));
        Assert.Equal(["accuracy", "accuracy_at_120"], Keys(json.RootElement.GetProperty("controls").GetProperty("length").GetProperty("difference_to_base")));
        Assert.Equal(["mean", "low", "high", "n"], Keys(json.RootElement.GetProperty("base").GetProperty("accuracy")));
    }

    [Fact]
    public async Task A_control_learns_from_the_base_responses_and_starts_at_the_base()
    {
        await RunAsync("run", "controls=[length,accuracy]", "iterations=1");
        foreach (var name in new[] { "rewards.jsonl", "pairs.jsonl", "training.jsonl", "evaluation/responses.jsonl", "checkpoint/config.json" })
        {
            Assert.Equal(File.ReadAllText(folder[$"run/iteration-1/{name}"]), File.ReadAllText(folder[$"run/controls/accuracy/{name}"]));
        }

        Assert.False(File.Exists(folder["run/controls/accuracy/responses.jsonl"]));
    }

    [Fact]
    public async Task Indicators_are_asked_once_and_kept_with_the_rewards()
    {
        await RunAsync("run", "iterations=1", "controls=[judge]", "pairs={question_share: 1, indicators: [judge, second_reader], second_reader: value}");
        var store = new RunFolder(folder["run"]);
        var rewards = Jsonl.Read<ResponseReward>(store, "iteration-1/rewards.jsonl");
        Assert.All(rewards, r => Assert.True(r is { JudgeRating: >= 1 and <= 10 } && r.SecondReaderAccuracy == r.Counts.Accuracy && r.Parts["accuracy"] == r.Reward));
        var judged = Jsonl.Read<ResponseReward>(store, "controls/judge/rewards.jsonl");
        Assert.Equal(rewards.Select(r => r.JudgeRating), judged.Select(r => (double?)r.Reward));
        Assert.All(judged, r => Assert.Null(r.JudgeRating));
        Assert.True(store.Exists("iteration-1/second-verdicts.jsonl"));
        Assert.False(store.Exists("controls/judge/second-verdicts.jsonl"));

        // The fake judge rates at random, so that it objects to some of the pairs and to none where it is itself the reward.
        Assert.Contains(Jsonl.Read<PreferencePair>(store, "iteration-1/pairs.jsonl"), pair => pair.Objections is [Indicator.Judge]);
        Assert.DoesNotContain(Jsonl.Read<PreferencePair>(store, "controls/judge/pairs.jsonl"), pair => pair.Objections?.Contains(Indicator.Judge) == true);
    }

    [Fact]
    public async Task Precision_means_nothing_where_the_reader_knows_the_gold_answers_whatever_its_name()
    {
        await RunAsync("run", "iterations=1");
        Assert.Contains("precision", Rewards("run"));

        var parts = lab.Parts() with { Questions = () => new(WithEvidence("train"), [], WithEvidence("held")), Readers = _ => new EvidenceReader() };
        using var run = Run.Open(lab.Recipe("iterations=1"), parts, new RunFolder(folder["knowing"]), new SilentProgress());
        await foreach (var done in new IterationRunner(run).RunAsync(Cancel))
        {
            Assert.NotNull(done);
        }

        Assert.DoesNotContain("precision", Rewards("knowing"));

        IEnumerable<string> Rewards(string name) => Jsonl.Read<PairStatistics>(new RunFolder(folder[name]), "iteration-1/pair-statistics.jsonl").Select(row => row.Reward);
    }

    [Fact]
    public async Task A_mixed_reward_runs_through_the_loop_and_keeps_its_parts()
    {
        await RunAsync("run", "iterations=1", "controls=[]", "reward=mix", "mix={accuracy: 1, length: -.5}");
        var rewards = Jsonl.Read<ResponseReward>(new RunFolder(folder["run"]), "iteration-1/rewards.jsonl");
        Assert.All(rewards, r => Assert.Equal(Math.Max(0, r.Counts.Accuracy - (.5 * r.LengthTokens / 40)), r.Reward, 12));
        Assert.All(rewards, r => Assert.Equal(["accuracy", "length"], r.Parts.Keys));
        Assert.Contains(Jsonl.Read<PairStatistics>(new RunFolder(folder["run"]), "iteration-1/pair-statistics.jsonl"), r => r is { Reward: "mix", Strategy: "selected", Pairs: > 0 });
    }

    [Fact]
    public async Task The_temperature_control_is_the_base_sampled_colder_and_trains_nothing()
    {
        await RunAsync("run", "controls=[temperature]", "iterations=1", "evaluation.control_temperature=0.6");
        var summary = JsonFile.Read<RunSummary>(new RunFolder(folder["run"]), RunSummary.FileName);
        var colder = summary.Controls["temperature"];
        Assert.Equal((0, null, 0), (colder.Iteration, colder.Reward, colder.Pairs));
        Assert.True(colder.Accuracy!.Mean > summary.Base.Accuracy!.Mean);
        Assert.Equal(colder.Accuracy.Mean - summary.Base.Accuracy.Mean, colder.DifferenceToBase.Accuracy.Mean, 12);
        Assert.Equal(["evaluation", "evaluation.json"], Directory.EnumerateFileSystemEntries(folder["run/controls/temperature"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_first_iteration_sampled_colder_is_set_against_the_base_sampled_as_cold()
    {
        await RunAsync("run", "controls=[temperature,trained_temperature]", "iterations=2", "evaluation.control_temperature=0.6");
        var store = new RunFolder(folder["run"]);
        var summary = JsonFile.Read<RunSummary>(store, RunSummary.FileName);
        var colder = summary.Controls["trained_temperature"];
        Assert.Equal((1, null, 0), (colder.Iteration, colder.Reward, colder.Pairs));
        Assert.True(colder.Accuracy!.Mean > summary.Iterations[0].Accuracy!.Mean); // colder it states more
        Assert.True(colder.Accuracy.Mean > summary.Controls["temperature"].Accuracy!.Mean); // and trained
        Assert.Equal(["evaluation", "evaluation.json"], Directory.EnumerateFileSystemEntries(folder["run/controls/trained_temperature"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var differences = RunComparison.Of([store]).Where(d => d.Measure == "accuracy").ToList();
        Assert.Equal(
            ["iteration 1 − base", "iteration 2 − base", "iteration 1 − control temperature", "control trained_temperature − control temperature"],
            differences.Select(d => $"{d.Left} − {d.Right}"));
        Assert.Equal(colder.Accuracy.Mean - summary.Controls["temperature"].Accuracy!.Mean, differences[^1].Pooled.Mean, 12);
    }

    [Fact]
    public async Task Another_recipe_on_the_same_folder_is_refused_with_the_first_difference()
    {
        await RunAsync("run");
        var error = await Assert.ThrowsAsync<RequestException>(() => RunAsync("run", "seed=4"));
        Assert.Contains("there 'seed: 3', asked 'seed: 4'", error.Message, StringComparison.Ordinal);
        Assert.Contains("--out", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_that_makes_another_recipe_is_named_with_its_section()
    {
        await RunAsync("run");
        var error = await Assert.ThrowsAsync<RequestException>(() => RunAsync("run", "evaluation.temperature=0.5"));
        Assert.Contains("there 'evaluation.temperature: 0.8', asked 'evaluation.temperature: 0.5'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_requests_get_to_a_model_may_change_under_a_run_and_an_address_until_it_has_answered()
    {
        string[] Asked(string endpoint, string more = "") => ["reader=chat", $"reading={{model: m, endpoint: '{endpoint}'{more}}}"];
        using (Run.Open(lab.Recipe(Asked("http://wrong/v1")), lab.Parts(), new RunFolder(folder["run"]), new SilentProgress()))
        {
            // Nothing was read.
        }

        await RunAsync("run", Asked("http://right/v1"));
        await RunAsync("run", Asked("http://right/v1", ", api_key_env: KEY, concurrency: 2, price_in: 1, price_out: 1, budget: 5, requests: shared.sqlite"));
        var recipe = await File.ReadAllTextAsync(folder["run/recipe.yaml"], Cancel);
        Assert.Contains("  endpoint: \"http://right/v1\"\n  api_key_env: KEY\n", recipe, StringComparison.Ordinal);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(recipe))), JsonFile.Read<RunCard>(new RunFolder(folder["run"]), "run.json").Hashes["recipe"]);

        foreach (var (other, key) in new[] { (Asked("http://third/v1"), "reading.endpoint"), (Asked("http://right/v1", ", temperature: 1"), "reading.temperature"), (["reader=chat", "reading={model: m}"], "reading.endpoint") })
        {
            var error = await Assert.ThrowsAsync<RequestException>(() => RunAsync("run", other));
            Assert.Contains($"asked '{key}: ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Lost_questions_are_made_again_and_no_other_file_is_blamed()
    {
        await RunAsync("run");
        var (whole, summary) = (await File.ReadAllTextAsync(folder["run/questions.jsonl"], Cancel), await File.ReadAllTextAsync(folder["run/summary.json"], Cancel));
        File.Delete(folder["run/questions.jsonl"]);
        await RunAsync("run");
        Assert.Equal(whole, await File.ReadAllTextAsync(folder["run/questions.jsonl"], Cancel));
        Assert.Equal(summary, await File.ReadAllTextAsync(folder["run/summary.json"], Cancel));

        File.Delete(folder["run/questions.jsonl"]);
        var changed = lab.Parts() with { Questions = () => new(FakeLab.Questions("train", 3), [], FakeLab.Questions("held", 2)) };
        var error = Assert.Throws<RequestException>(() => Run.Open(lab.Recipe(), changed, new RunFolder(folder["run"]), new SilentProgress()));
        Assert.StartsWith($"{folder["run/questions.jsonl"]}: this file is lost, and the question sets have changed since the run began.", error.Message, StringComparison.Ordinal);
        var absent = lab.Parts() with { Questions = () => throw new RequestException("train.jsonl: there is no such question set.") };
        error = Assert.Throws<RequestException>(() => Run.Open(lab.Recipe(), absent, new RunFolder(folder["run"]), new SilentProgress()));
        Assert.Contains("this file is lost and cannot be made again: train.jsonl: there is no such question set.", error.Message, StringComparison.Ordinal);

        foreach (var damaged in new[] { whole[..(whole.Length / 2)], whole[..(whole.IndexOf('\n', StringComparison.Ordinal) + 1)], whole.Replace("holds", "fails", StringComparison.Ordinal) })
        {
            await File.WriteAllTextAsync(folder["run/questions.jsonl"], damaged, Cancel);
            error = await Assert.ThrowsAsync<RequestException>(() => RunAsync("run"));
            Assert.StartsWith($"{folder["run/questions.jsonl"]}: these are not the questions that the run began with", error.Message, StringComparison.Ordinal);
            Assert.Contains("Delete this file, and no other", error.Message, StringComparison.Ordinal);
        }

        File.Delete(folder["run/questions.jsonl"]); // as it says
        await RunAsync("run");
        Assert.Equal(summary, await File.ReadAllTextAsync(folder["run/summary.json"], Cancel));
    }

    [Fact]
    public async Task A_lost_or_damaged_card_is_never_said_to_come_back_by_itself()
    {
        await RunAsync("run");
        await File.WriteAllTextAsync(folder["run/run.json"], "{", Cancel);
        Assert.Matches(@"run\.json:1: this file is damaged \(.*\)\. Put it back from a copy", (await Assert.ThrowsAsync<RequestException>(() => RunAsync("run"))).Message);
        File.Delete(folder["run/run.json"]);
        var error = await Assert.ThrowsAsync<RequestException>(() => RunAsync("run"));
        Assert.StartsWith($"{folder["run/run.json"]}: this file is lost, which says with which model and which questions the run began.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("done again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_changed_since_the_run_began_is_refused()
    {
        await StopAfterAsync("run", Stage.Evaluate);
        FakePolicy.Create(lab.Model, 0.9);
        Assert.Contains("has changed since", (await Assert.ThrowsAsync<RequestException>(() => RunAsync("run"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_run_needs_no_model()
    {
        await RunAsync("run");
        Directory.Delete(lab.Model, recursive: true);
        var parts = lab.Parts() with { Model = () => throw new RequestException("gone"), Policies = null! };
        using var run = Run.Open(lab.Recipe(), parts, new RunFolder(folder["run"]), new SilentProgress());
        await foreach (var done in new IterationRunner(run).RunAsync(Cancel))
        {
            Assert.False(done.Worked);
        }
    }

    [Fact]
    public async Task A_damaged_line_is_named_and_its_mend_works()
    {
        await RunAsync("run");
        var whole = await File.ReadAllTextAsync(folder["run/summary.json"], Cancel);
        foreach (var name in new[] { "iteration-1/responses.jsonl", "iteration-2/verdicts.jsonl", "controls/length/rewards.jsonl", "iteration-1/training.jsonl", "base/evaluation/responses.jsonl" })
        {
            var path = folder[$"run/{name}"];
            var lines = await File.ReadAllLinesAsync(path, Cancel);
            var undamaged = lines[1];
            lines[1] = undamaged[..(undamaged.Length / 2)];
            await File.WriteAllLinesAsync(path, lines, Cancel);
            var error = await Assert.ThrowsAsync<RequestException>(() => RunAsync("run"));
            Assert.Contains($"{path}:2: this line is damaged", error.Message, StringComparison.Ordinal);

            await File.WriteAllLinesAsync(path, lines[..1], Cancel);
            await RunAsync("run");
            Assert.Equal(undamaged, (await File.ReadAllLinesAsync(path, Cancel))[1]);
        }

        Assert.Equal(WithoutSeconds(whole), WithoutSeconds(await File.ReadAllTextAsync(folder["run/summary.json"], Cancel)));
    }

    [Fact]
    public async Task A_line_that_belongs_elsewhere_is_refused()
    {
        await RunAsync("run");
        var path = folder["run/iteration-1/responses.jsonl"];
        var lines = await File.ReadAllLinesAsync(path, Cancel);
        (lines[0], lines[1]) = (lines[1], lines[0]);
        await File.WriteAllLinesAsync(path, lines, Cancel);
        Assert.Contains($"{path}:1: this line is not 'train/0#0'", (await Assert.ThrowsAsync<RequestException>(() => RunAsync("run"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_without_a_pair_says_which_file_tells_why_and_which_rule_took_most()
    {
        var error = await Assert.ThrowsAsync<RequestException>(() => RunAsync("run", "pairs.min_gap=5"));
        Assert.Matches(@"funnel\.jsonl: no pair is left to train on\. Most were taken by 'min_gap': \d of \d pairs, because the rewards lie too close together\. Raise .*, or lower pairs\.min_gap\.$", error.Message);
        FakePolicy.Create(lab.Model, 0); // states nothing
        error = await Assert.ThrowsAsync<RequestException>(() => RunAsync("ties", "pairs.min_gap=0.1"));
        Assert.Matches(@"Most were taken by 'tie': (\d) of \1 pairs, because both responses have the same reward\. Raise responses\.k or responses\.temperature, so that responses differ", error.Message);
    }

    [Fact]
    public async Task The_loop_goes_through_its_stages_in_order()
    {
        var stages = new List<string>();
        using var run = Run.Open(lab.Recipe("iterations=1"), lab.Parts(), new RunFolder(folder["run"]), new SilentProgress());
        await foreach (var done in new IterationRunner(run).RunAsync(Cancel))
        {
            stages.Add($"{done.Arm.Name} {done.Stage}");
        }

        Assert.Equal(
            [
                "base Evaluate", "iteration 1 Respond", "iteration 1 Read", "iteration 1 Score", "iteration 1 Pair", "iteration 1 Train",
                "iteration 1 Evaluate", "control length Score", "control length Pair", "control length Train", "control length Evaluate", "base Summarise",
            ],
            stages);
    }

    [Fact]
    public void A_question_that_is_trained_on_and_evaluated_on_is_refused()
    {
        var same = FakeLab.Questions("train", 1);
        var error = Assert.Throws<RequestException>(() => new QuestionSplits(same, [], same).Joined());
        Assert.Contains("'train/0' is in train and in held_out", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_writer_waits_and_is_told_who_writes()
    {
        using (await RunLock.TakeAsync(folder["run"], TimeSpan.Zero, Cancel))
        {
            var error = await Assert.ThrowsAsync<RequestException>(() => RunLock.TakeAsync(folder["run"], TimeSpan.FromMilliseconds(50), Cancel));
            Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName} is writing this run", error.Message, StringComparison.Ordinal);
        }

        using var free = await RunLock.TakeAsync(folder["run"], TimeSpan.Zero, Cancel);
        Assert.NotNull(free);
    }

    private async Task RunAsync(string name, params string[] overrides)
    {
        using var run = Run.Open(lab.Recipe(overrides), lab.Parts(), new RunFolder(folder[name]), new SilentProgress());
        await foreach (var done in new IterationRunner(run).RunAsync(Cancel))
        {
            Assert.NotNull(done);
        }
    }

    private async Task StopAfterAsync(string name, Stage stage)
    {
        using var run = Run.Open(lab.Recipe(), lab.Parts(), new RunFolder(folder[name]), new SilentProgress());
        await foreach (var done in new IterationRunner(run).RunAsync(Cancel))
        {
            if (done.Stage == stage)
            {
                return;
            }
        }
    }

    private static IReadOnlyList<MetaQuestion> WithEvidence(string split) =>
        [.. FakeLab.Questions(split, 2).Select(q => q with { Proxies = [.. q.Proxies.Select(p => p with { Evidence = [new([$"{p.Id} holds"])] })] })];

    private static string WithoutSeconds(string summary) => System.Text.RegularExpressions.Regex.Replace(summary, "\"seconds\": \\{[^}]*\\}", "");

    private static IEnumerable<string> Keys(JsonElement element) => element.EnumerateObject().Select(p => p.Name);
}

using System.Text.Json.Nodes;
using ProxyReward.Cli;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();
    private CancellationToken cancel = TestContext.Current.CancellationToken;

    public CommandLineTests()
    {
        FakePolicy.Create(folder["model"], 0.4);
        foreach (var split in new[] { "train", "held-out" })
        {
            QuestionSet.Save(folder[$"{split}.jsonl"], FakeLab.Questions(split, 2).Select(WithEvidence));
        }

        File.WriteAllText(Recipe, """
            name: fake
            model: model
            questions: {train: train.jsonl, held_out: held-out.jsonl}
            reader: evidence
            controls: [length]
            iterations: 1
            responses: {k: 4, batch: 3}
            pairs: {question_share: 1}
            dpo: {batch_size: 1, gradient_accumulation: 1, epochs: 1}
            evaluation: {responses: 2, bootstrap_draws: 100}
            """);
    }

    private string Recipe => folder["recipe.yaml"];

    private string Out => folder["run"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_run_prints_its_table_on_standard_output_and_its_progress_on_standard_error()
    {
        Assert.Equal(0, await Run("run", Recipe, "--out", Out));
        Assert.Contains("accuracy [95 %]", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("control length", output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"report   {Out}/report.html", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("next     ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("iteration 1: respond: 8 of 8 responses in ", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("respond", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipe_can_read_by_entailment()
    {
        var encoder = Encoder();
        string[] sets = ["--set", "reader=entailment", "--set", $"reading.model={encoder}", "--set", "iterations=0", "--set", "controls=[]"];
        Assert.Equal(0, await Run(["run", Recipe, "--out", Out, .. sets]));
        var verdicts = File.ReadAllLines(Path.Combine(Out, "base", "evaluation", "verdicts.jsonl"));
        Assert.Equal(4, verdicts.Length); // 2 responses to each of 2 questions
        Assert.All(verdicts, line => Assert.Contains("\"verdicts\":[{\"proxy_id\":", line, StringComparison.Ordinal));

        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(encoder, "config.json")))!.AsObject();
        config.Remove("id2label");
        config["num_labels"] = 3;
        File.WriteAllText(Path.Combine(encoder, "config.json"), config.ToJsonString());
        Assert.Equal(2, await Run(["run", Recipe, "--out", folder["again"], .. sets]));
        Assert.Contains("its labels are LABEL_0, LABEL_1, LABEL_2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_run_prints_the_same_result_again_and_works_no_more()
    {
        await Run("run", Recipe, "--out", Out);
        var first = output.ToString();
        output.GetStringBuilder().Clear();
        error.GetStringBuilder().Clear();
        Assert.Equal(0, await Run("run", Recipe, "--out", Out));
        Assert.Equal(first, output.ToString());
        Assert.Empty(error.ToString());
    }

    [Fact]
    public async Task Json_prints_the_summary_and_nothing_else()
    {
        await Run("run", Recipe, "--out", Out, "--json");
        Assert.Equal(File.ReadAllText(folder["run/summary.json"]), output.ToString());
    }

    [Fact]
    public async Task The_stages_one_by_one_come_to_the_artefacts_of_a_run()
    {
        await Run("run", Recipe, "--out", folder["whole"]);
        await Run("run", Recipe, "--out", Out, "--set", "iterations=1"); // the same recipe: an override that changes nothing
        Directory.Delete(folder["run/iteration-1"], recursive: true);
        Directory.Delete(folder["run/controls"], recursive: true);
        output.GetStringBuilder().Clear();
        foreach (var verb in new[] { "respond", "read", "score", "pair", "train", "evaluate", "score", "pair", "train", "evaluate", "evaluate" })
        {
            Assert.Equal(0, await Run(verb, Out));
        }

        var said = output.ToString().Replace(Out, "run", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("run: iteration 1: respond done", said[0]);
        Assert.Equal("run: control length: evaluate done", said[^2]);
        Assert.Equal("run: nothing is left to evaluate", said[^1]);
        foreach (var name in new[] { "iteration-1/responses.jsonl", "iteration-1/evaluation.json", "controls/length/evaluation/measures.jsonl" })
        {
            Assert.Equal(File.ReadAllText(folder[$"whole/{name}"]), File.ReadAllText(folder[$"run/{name}"]));
        }
    }

    [Fact]
    public async Task Pair_prints_what_each_rule_removed_and_what_each_strategy_pairs()
    {
        await Run("run", Recipe, "--out", Out);
        var pairs = Directory.EnumerateFiles(Out, "pairs.jsonl", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllText);
        Assert.Equal(2, pairs.Count);
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await Run("pair", Out));
        var said = output.ToString();
        Assert.Contains("nothing is left to pair\n\niteration 1: reward accuracy\n", said, StringComparison.Ordinal);
        Assert.Contains("\ncontrol length: reward length\n", said, StringComparison.Ordinal);
        Assert.Matches(@"\nrule +of +came in +removed +left +questions left\nquestion_share +questions +2 +0 +2 +2\ntie +pairs +2 +", said);
        Assert.Matches(@"\naccuracy +highest_lowest +[12] +[12] +[0-9.]+ +[0-9.]+ +[0-9.]+ +[-+0-9.]+\n", said);

        // After a change of pairs only those of the next model are made and told of.
        Directory.Delete(folder["run/controls"], recursive: true);
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await Run("pair", Out));
        Assert.StartsWith($"{Out}: control length: pair done\n\ncontrol length: reward length\n", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("iteration 1", output.ToString(), StringComparison.Ordinal);
        Assert.All(pairs, pair => Assert.Equal(pair.Value, File.ReadAllText(pair.Key)));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("rum")]
    [InlineData("run", "a.yaml", "--otu", "x")]
    [InlineData("run", "/absent/recipe.yaml")]
    [InlineData("respond", "/absent/run")]
    [InlineData("report", "/absent/run")]
    [InlineData("schema", "nothing")]
    [InlineData("export", "/absent/run", "--format", "trl", "--out", "x.jsonl")]
    [InlineData("export", "/absent/run", "--format", "csv", "--out", "x.jsonl")]
    public async Task A_wrong_request_exits_2_and_says_why(params string[] arguments)
    {
        Assert.Equal(2, await Run(arguments));
        Assert.NotEmpty(error.ToString());
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dpo.bta=1", "unknown key 'bta'")]
    [InlineData("model=nowhere", "model: nowhere: there is no such file or folder")]
    [InlineData("questions.train=nowhere.jsonl", "questions.train: nowhere.jsonl: there is no such file or folder")]
    [InlineData("questions.held_out=train.jsonl", "is in train and in held_out")]
    [InlineData("reader=exact", "reader: 'exact' reads articles of the pocket lab only")]
    [InlineData("reward=judge", "reward: judge: this model has no judge")]
    public async Task A_recipe_that_names_what_is_not_there_exits_2(string set, string message)
    {
        Assert.Equal(2, await Run("run", Recipe, "--out", Out, "--set", set));
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_recipe_on_the_same_folder_exits_2()
    {
        await Run("run", Recipe, "--out", Out);
        Assert.Equal(2, await Run("run", Recipe, "--out", Out, "--set", "seed=9"));
        Assert.Contains("there 'seed: 0', asked 'seed: 9'", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_a_file_exits_2()
    {
        File.WriteAllText(Out, "not a folder");
        Assert.Equal(2, await Run("run", Recipe, "--out", Out));
        Assert.Contains("cannot be written", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_run_exits_130_and_goes_on_from_there()
    {
        using var interrupt = new CancellationTokenSource();
        cancel = interrupt.Token;
        Assert.Equal(130, await Run(new Loader(whenLoaded: interrupt.Cancel), "run", Recipe, "--out", Out));
        Assert.Contains("The same command goes on from here", error.ToString(), StringComparison.Ordinal);
        cancel = TestContext.Current.CancellationToken;
        Assert.Equal(0, await Run("run", Recipe, "--out", Out));
    }

    [Fact]
    public async Task Work_that_fails_exits_1_without_a_stack_trace_and_goes_on_from_there()
    {
        Assert.Equal(1, await Run(new Loader(whenLoaded: () => throw new IOException("disk full")), "run", Recipe, "--out", Out));
        Assert.StartsWith("The work failed: disk full\n", error.ToString()[error.ToString().IndexOf("The work", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await Run("run", Recipe, "--out", Out));
    }

    [Fact]
    public async Task The_doctor_names_what_a_recipe_misses()
    {
        Assert.Equal(1, await Run("doctor", "--recipe", folder["absent.yaml"]));
        Assert.Contains("problem: ", output.ToString(), StringComparison.Ordinal);
        output.GetStringBuilder().Clear();
        await Run("doctor", "--recipe", Recipe);
        Assert.Contains("2 train, 0 dev, 2 held-out", output.ToString(), StringComparison.Ordinal);
        Assert.Matches("devices +cpu \\(used\\)", output.ToString());
    }

    [Fact]
    public async Task The_pairs_of_a_run_are_exported_a_line_each()
    {
        await Run("run", Recipe, "--out", Out);
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await Run("export", Out, "--format", "trl", "--out", folder["pairs/trl.jsonl"]));
        Assert.Equal(folder["pairs/trl.jsonl"] + "\n", output.ToString());
        Assert.Equal(File.ReadAllLines(folder["run/iteration-1/pairs.jsonl"]).Length, File.ReadAllLines(folder["pairs/trl.jsonl"]).Length);
        Assert.Equal(2, await Run("export", Out, "--format", "trl", "--out", folder["pairs/trl.jsonl"], "--iteration", "2"));
        Assert.Contains("has no pairs of iteration 2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_artefacts_of_a_run_are_exported_as_tables_and_read_back()
    {
        await Run("run", Recipe, "--out", Out);
        Assert.Equal(0, await Run("export", Out, "--format", "parquet", "--out", folder["tables"]));
        string[] tables = [.. Directory.GetFiles(folder["tables"], "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder["tables"], file)).Order(StringComparer.Ordinal)];
        Assert.Superset(
            new HashSet<string>(["questions.jsonl.parquet", "iteration-1/responses.jsonl.parquet", "iteration-1/verdicts.jsonl.parquet", "iteration-1/pairs.jsonl.parquet", "iteration-1/training.jsonl.parquet", "summary.json.parquet"]),
            tables.ToHashSet());
        Assert.DoesNotContain(tables, table => table.Contains("checkpoint", StringComparison.Ordinal));

        // A set of questions comes back through the import.
        var read = await ProxyReward.Clients.Import.QuestionImport.LoadAsync(folder["tables/questions.jsonl.parquet"], cancel);
        Assert.Equal(QuestionSet.Load(folder["run/questions.jsonl"]).SelectMany(q => q.Proxies.Select(p => (q.Id, p.Id, p.Statement, p.Answer))), read.SelectMany(q => q.Proxies.Select(p => (q.Id, p.Id, p.Statement, p.Answer))));
        Assert.Equal(2, await Run("export", Out, "--format", "parquet", "--out", folder["tables"], "--iteration", "1"));
    }

    [Theory]
    [InlineData("cuda:0")]
    [InlineData("mps")]
    public async Task A_device_that_the_engine_does_not_compute_on_is_refused_with_what_to_do(string device)
    {
        Assert.Equal(2, await Run("run", Recipe, "--out", Out, "--device", device));
        Assert.Contains($"--device: {device}: this engine computes on the processor (cpu) only", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await Run("run", Recipe, "--out", Out, "--device", "cpu"));
        Assert.Equal(2, await Run("train", Out, "--device", device));
    }

    [Fact]
    public async Task Schemas_are_printed()
    {
        Assert.Equal(0, await Run("schema", "recipe"));
        Assert.Equal(Recipes.RecipeFile.Schema(), output.ToString());
    }

    private static MetaQuestion WithEvidence(MetaQuestion question) => question with
    {
        Proxies = [.. question.Proxies.Select(proxy => proxy with { Evidence = [new([$"{proxy.Id} holds"])] })],
    };

    /// <summary>A reference classifier with three labels, and a reference tokenizer that puts two texts together.</summary>
    private string Encoder()
    {
        var root = FixtureRoot.Require("encoders");
        var source = Directory.EnumerateFiles(root, "config.json", SearchOption.AllDirectories)
            .First(file => JsonNode.Parse(File.ReadAllText(file))!["id2label"]!.AsObject().Count == 3);
        var tokenizer = JsonNode.Parse(File.ReadAllText(Directory.EnumerateFiles(root, "tokenizer.json", SearchOption.AllDirectories).First()))!;
        tokenizer["post_processor"] = JsonNode.Parse("""
            {"type": "TemplateProcessing", "single": [], "special_tokens": {"[SEP]": {"id": "[SEP]", "ids": [2]}},
             "pair": [{"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "[SEP]"}}, {"Sequence": {"id": "B"}}]}
            """);
        var encoder = Directory.CreateDirectory(folder["encoder"]).FullName;
        File.WriteAllText(Path.Combine(encoder, "tokenizer.json"), tokenizer.ToJsonString());
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(Path.GetDirectoryName(source)!, name), Path.Combine(encoder, name));
        }

        return encoder;
    }

    private Task<int> Run(params string[] arguments) => Run(new FakePolicyLoader(), arguments);

    private Task<int> Run(IPolicyLoader policies, params string[] arguments) =>
        new CommandLine(new Composition(policies, (_, _) => throw new NotSupportedException()), run => run + "/report.html", output, error).RunAsync(arguments, cancel);

    /// <summary>Does something once when a policy is asked for.</summary>
    private sealed class Loader(Action whenLoaded) : IPolicyLoader
    {
        public IPolicy Load(string folder, ComputePrecision precision, ChatTemplateOptions chat)
        {
            whenLoaded();
            return new FakePolicyLoader().Load(folder, precision, chat);
        }
    }
}

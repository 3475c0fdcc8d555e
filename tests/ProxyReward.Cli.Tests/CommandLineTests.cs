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
    private readonly List<string> reported = [];
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
        Assert.Equal([Out], reported); // only the table is replaced
    }

    [Fact]
    public async Task Compare_has_a_column_for_each_run_by_the_shortest_names_that_differ_and_a_pooled_one()
    {
        string[] runs = [folder["a/run"], folder["b/run"], folder["c"]];
        foreach (var (seed, run) in runs.Index())
        {
            Assert.Equal(0, await Run("run", Recipe, "--out", run, "--set", $"seed={seed}"));
        }

        output.GetStringBuilder().Clear();
        Assert.Equal(0, await Run("compare", runs[0], runs[1]));
        Assert.Contains($"| difference | measure | {runs[0]} | {runs[1]} | pooled |\n|---|---|---|---|---|\n| iteration 1 − base | accuracy | ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("(n 2) |", output.ToString(), StringComparison.Ordinal);

        output.GetStringBuilder().Clear();
        Assert.Equal(0, await Run("compare", runs[0], runs[2]));
        Assert.Contains("| difference | measure | run | c | pooled |", output.ToString(), StringComparison.Ordinal);

        output.GetStringBuilder().Clear();
        Assert.Equal(0, await Run("compare", runs[2] + "/"));
        Assert.Contains("| difference | measure | c |\n|---|---|---|\n", output.ToString(), StringComparison.Ordinal);

        output.GetStringBuilder().Clear();
        Assert.Equal(0, await Run("compare", runs[0], runs[1], "--json"));
        Assert.Equal("accuracy_at_120", JsonNode.Parse(output.ToString())![1]!["measure"]!.GetValue<string>());

        Assert.Equal(2, await Run("compare", runs[0], runs[0]));
        Assert.Contains("is named twice", error.ToString(), StringComparison.Ordinal);
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
    [InlineData("reward=judge", "judging.model: the recipe asks a judge, and this model has no judge in it")]
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
    public async Task A_number_beyond_what_can_be_counted_is_work_that_failed_and_no_crash()
    {
        Assert.Equal(1, await Run(new Loader(whenLoaded: () => throw new OverflowException("too large")), "run", Recipe, "--out", Out));
        Assert.Contains("The work failed: too large\n", error.ToString(), StringComparison.Ordinal);
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
    public async Task A_defect_is_called_one_and_asks_to_be_reported()
    {
        Assert.Equal(70, await Run(new Loader(whenLoaded: () => throw new FormatException("odd")), "run", Recipe, "--out", Out));
        Assert.Contains("`proxyreward run` met a defect of this program: FormatException in ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(": odd\nPlease report it", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await Run("run", Recipe, "--out", Out));
    }

    [Fact]
    public async Task What_to_try_next_keeps_what_was_asked_and_lies_beside_it()
    {
        Assert.Equal(0, await Run("run", Recipe, "--out", Out, "--set", "iterations=0", "--set", "controls=[]", "--set", "seed=4"));
        Assert.Contains($" run {Recipe} --set iterations=0 --set 'controls=[]' --set seed=5 --out {Out}-seed-5\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_run_is_read_again_for_other_evidence_and_compared_like_a_run()
    {
        await Run("run", Recipe, "--out", Out);
        QuestionSet.Save(folder["strict.jsonl"], FakeLab.Questions("held-out", 2).Select(question => question with
        {
            Proxies = [.. question.Proxies.Select(proxy => proxy with { Evidence = [new(["no response says this"])] })],
        }));
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await Run(new Loader(whenLoaded: () => throw new InvalidOperationException("a model was opened")), "reread", Out, "--set", $"questions.held_out={folder["strict.jsonl"]}", "--out", folder["again"]));
        Assert.Matches(@"\nbase +0\.0 \[0\.0, 0\.0\]", output.ToString());
        Assert.Contains($"report   {folder["again"]}/report.html\n", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("next", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await Run("compare", folder["again"]));
        Assert.Equal(2, await Run("reread", Out, "--set", "dpo.beta=1", "--out", folder["third"]));
        Assert.Contains("that makes other models or other responses", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run/summary.json")]
    [InlineData("run/iteration-1/mine.jsonl")]
    public async Task Nothing_but_the_run_writes_into_its_folder(string name)
    {
        await Run("run", Recipe, "--out", Out);
        var before = File.ReadAllText(folder["run/summary.json"]);
        Assert.Equal(2, await Run("export", Out, "--format", "openai", "--out", folder[name]));
        Assert.Contains($"--out: {folder[name]} lies in the run folder {Out}", error.ToString(), StringComparison.Ordinal);
        Assert.Equal((before, false), (File.ReadAllText(folder["run/summary.json"]), File.Exists(folder["run/iteration-1/mine.jsonl"])));
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
        Assert.Equal(0, await Run("export", Out, "--format", "openai", "--out", folder["pairs/openai.jsonl"]));
        Assert.Equal(folder["pairs/openai.jsonl"] + "\n", output.ToString());
        Assert.Equal(File.ReadAllLines(folder["run/iteration-1/pairs.jsonl"]).Length, File.ReadAllLines(folder["pairs/openai.jsonl"]).Length);
        Assert.Equal(2, await Run("export", Out, "--format", "trl", "--out", folder["pairs/trl.jsonl"], "--iteration", "2"));
        Assert.Contains("has no pairs of iteration 2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pairs_come_with_the_settings_of_the_program_that_is_to_train_on_them_and_its_command()
    {
        await Run("run", Recipe, "--out", Out);
        Assert.Equal(0, await Run("export", Out, "--format", "trl", "--out", folder["pairs/mine.jsonl"], "--set", "dpo.beta=0.25", "--set", "seed=7"));
        var settings = File.ReadAllLines(folder["pairs/mine.trl.yaml"]);
        Assert.Superset(new HashSet<string>([$"model_name_or_path: {folder["model"]}", "    data_files: mine.jsonl", "beta: 0.25", "per_device_train_batch_size: 1"]), settings.ToHashSet());
        Assert.Contains(settings, line => line.StartsWith("seed: 7 ", StringComparison.Ordinal));
        Assert.Contains($"next     cd {folder["pairs"]} && trl dpo --config mine.trl.yaml\n", error.ToString(), StringComparison.Ordinal);

        Assert.Equal(0, await Run("export", Out, "--format", "llama-factory", "--out", folder["pairs/its own.jsonl"], "--set", "model=Qwen/Qwen2.5-7B-Instruct@v1"));
        Assert.Superset(new HashSet<string>(["model_name_or_path: Qwen/Qwen2.5-7B-Instruct", "model_revision: v1", "dataset: \"its own\""]), File.ReadAllLines(folder["pairs/its own.llama-factory.yaml"]).ToHashSet());
        Assert.Equal("its own.jsonl", JsonNode.Parse(File.ReadAllText(folder["pairs/dataset_info.json"]))!["its own"]!["file_name"]!.GetValue<string>());
        Assert.Contains($"next     cd {folder["pairs"]} && llamafactory-cli train 'its own.llama-factory.yaml'\n", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trl", "pairs.min_gap=0.1", "only model, seed and dpo.… can differ here")]
    [InlineData("trl", "dpo.dpo_positive_lambda=1", "'dpo.dpo_positive_lambda': TRL cannot train so")]
    [InlineData("llama-factory", "dpo.loss=ipo", "'dpo.loss': LLaMA-Factory cannot train so")]
    [InlineData("openai", "dpo.beta=1", "no settings are written for openai")]
    [InlineData("parquet", "dpo.beta=1", "no settings are written for parquet")]
    [InlineData("trl", "model=NO-MODEL", "no-model is no Hugging Face folder")]
    public async Task Settings_that_would_not_be_heeded_are_refused_and_nothing_is_written(string format, string set, string message)
    {
        await Run("run", Recipe, "--out", Out);
        string[] model = set.StartsWith("model", StringComparison.Ordinal) ? [] : ["--set", "model=owner/name"];
        set = set.Replace("NO-MODEL", Directory.CreateDirectory(folder["no-model"]).FullName, StringComparison.Ordinal);
        Assert.Equal(2, await Run(["export", Out, "--format", format, "--out", folder["pairs/mine.jsonl"], .. format is "trl" or "llama-factory" ? model : [], "--set", set]));
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.False(Path.Exists(folder["pairs"]));
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

    private string WriteReport(string run)
    {
        reported.Add(run);
        return run + "/report.html";
    }

    private Task<int> Run(params string[] arguments) => Run(new FakePolicyLoader(), arguments);

    private Task<int> Run(IPolicyLoader policies, params string[] arguments) =>
        new CommandLine(new Composition(policies, (_, _) => throw new NotSupportedException()), WriteReport, output, error).RunAsync(arguments, cancel);

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

using System.Globalization;
using System.Text.RegularExpressions;
using ProxyReward.Cli.Plans;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Testing;
using ProxyReward.Training;

namespace ProxyReward.Cli.Tests;

/// <summary>What <c>doctor --recipe</c> shows and <c>run</c> asks first: what a recipe names, and what it takes, on machines with and without it.</summary>
public sealed class PreflightTests : IDisposable
{
    private const long Plenty = 1L << 50;
    private static readonly string Recipes = Path.Combine(FixtureRoot.Repository, "recipes");
    private readonly TemporaryFolder folder = new(inMemory: true);

    public static TheoryData<string> Papers => [.. Directory.GetFiles(Recipes, "paper-*.yaml").Select(path => Path.GetFileName(path)!)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Papers))]
    public void A_recipe_of_the_paper_is_planned_without_its_weights(string name)
    {
        const string Key = "PROXYREWARD_ABSENT";
        var recipe = RecipeFile.Load(Path.Combine(Recipes, name));
        Assert.NotNull(KnownShapes.Find(recipe.Model));
        var lines = Lines(Path.Combine(Recipes, name), Plenty, sets: $"reading.api_key_env={Key}");
        Assert.Equal(["reader", "model"], lines.Where(line => line.Standing == Standing.Wrong).Select(line => line.Name));
        Assert.Contains($"{Key} is not set", Text(lines, "reader"), StringComparison.Ordinal);
        Assert.Contains($"models pull {recipe.Model}", Text(lines, "model"), StringComparison.Ordinal);
        Assert.Contains("40 train, 0 dev, 20 held-out", Text(lines, "recipe"), StringComparison.Ordinal);

        // 40 · 8 responses an iteration, 20 · 4 of each model that is compared; each text read whole, the compared ones from their openings, too.
        var (train, heldOut) = (recipe.Iterations * 320, (1 + recipe.Iterations) * 80);
        Assert.Contains($"{train + heldOut} responses, at most {(train + heldOut) * 1536:N0} tokens", Text(lines, "writes"), StringComparison.Ordinal);
        Assert.Contains($": {train:N0} requests to https://api.openai.com/v1, about ", Text(lines, "reads"), StringComparison.Ordinal);
        Assert.Matches($@": {2 * heldOut:N0} requests to .* out: \$[0-9.]+$", Text(lines, "evaluates"));
        Assert.Matches($@"^at most {train + (2 * heldOut):N0} requests, \$[0-9.]+, ", Text(lines, "costs"));
        Assert.Contains($"{recipe.Iterations} model", Text(lines, "trains"), StringComparison.Ordinal);
        Assert.Equal(2, lines.Count(line => line.Name == "memory"));
        Assert.Contains("about ", Text(lines, "disk"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_setting_that_makes_it_fit()
    {
        var path = Path.Combine(Recipes, "pocket.yaml");
        var needed = Lines(path, Plenty).Where(line => line.Name == "memory").Select(line => line.Text).ToList();
        Assert.All(needed, text => Assert.Matches(@"^(writing|training) takes about 0\.[3-9]\d GB, and this process may have ", text));

        var tight = Lines(path, 320_000_000).Where(line => line.Name == "memory").ToList();
        Assert.All(tight, line => Assert.Equal(Standing.Wrong, line.Standing));
        Assert.Matches(
            @"^writing takes about 0\.\d\d GB, and this process may have 0\.32 GB: it fits with responses\.batch: \d+ \(0\.3\d GB\); or with responses\.max_new_tokens: (240|160|80) \(0\.\d\d GB\)\.$",
            tight[0].Text);
        Assert.Matches(
            @"^training takes .* it fits with dpo\.activation_checkpointing: true \(0\.3\d GB\); or with dpo\.batch_size: [1-4] and dpo\.gradient_accumulation: [2-8] \(0\.3\d GB\).*\.$",
            Lines(path, (long)(Gigabytes(needed[^1]) * 0.95e9)).Last(line => line.Name == "memory").Text); // what it takes differs with the type of the products
        Assert.All(
            Lines(path, 200_000_000).Where(line => line.Name == "memory"),
            line => Assert.EndsWith("no setting makes it fit, take a smaller model or a machine with more memory; a training can be handed to TRL or LLaMA-Factory with `export`.", line.Text, StringComparison.Ordinal));
        Assert.Contains(Lines(path, Plenty, free: 1000), line => line is { Name: "disk", Standing: Standing.Wrong });
    }

    [Fact]
    public async Task A_run_that_cannot_fit_is_refused_before_it_begins()
    {
        var error = new StringWriter();
        var composition = new Composition(new FakePolicyLoader(), (_, _) => throw new NotSupportedException(), memory: () => 320_000_000);
        string[] run = ["run", Path.Combine(Recipes, "pocket.yaml"), "--out", folder["run"]];
        Assert.Equal(2, await new CommandLine(composition, path => path, TextWriter.Null, error).RunAsync(run, TestContext.Current.CancellationToken));
        Assert.Matches(@"^writing takes about 0\.\d\d GB, and this process may have 0\.32 GB: it fits with responses\.batch: ", error.ToString());
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void A_model_of_the_Hub_is_found_in_its_cache_and_else_the_command_that_fetches_it_is_named()
    {
        var snapshot = folder["hub/models--owner--name/snapshots/abc"];
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(folder["hub/models--owner--name/refs"]);
        File.WriteAllText(folder["hub/models--owner--name/refs/main"], "abc");
        foreach (var file in Directory.GetFiles(Path.Combine(FixtureRoot.Repository, "data", "pocket", "model-1m")))
        {
            File.Copy(file, Path.Combine(snapshot, Path.GetFileName(file)));
        }

        File.WriteAllText(folder["here.yaml"], File.ReadAllText(Path.Combine(Recipes, "pocket.yaml")).Replace("model: data/pocket/model-1m", "model: owner/name", StringComparison.Ordinal));
        File.WriteAllText(folder["absent.yaml"], File.ReadAllText(folder["here.yaml"]).Replace("owner/name", "owner/other@v2", StringComparison.Ordinal));
        Assert.Equal($"{snapshot}: 1 M parameters", Text(Lines(folder["here.yaml"], Plenty), "model"));
        Assert.Contains("fetch it with 'models pull owner/other@v2'", Text(Lines(folder["absent.yaml"], Plenty), "model"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reading.endpoint: 'foo' is no address", "reader=chat", "reading.model=m", "reading.endpoint=foo")]
    [InlineData("reading.endpoint: is 'ftp://host/v1'", "reader=chat", "reading.model=m", "reading.endpoint=ftp://host/v1")]
    [InlineData("reading.api_key_env: localhost needs a key, and PROXYREWARD_ABSENT is not set", "reader=chat", "reading.model=m", "reading.endpoint=http://localhost:1/v1", "reading.api_key_env=PROXYREWARD_ABSENT")]
    [InlineData("judging.api_key_env: localhost needs a key", "controls=[judge]", "judging.model=m", "judging.endpoint=http://localhost:1/v1", "judging.api_key_env=PROXYREWARD_ABSENT")]
    [InlineData("judging.model: absent: there is no such file", "controls=[judge]", "judging.model=absent")]
    [InlineData("judging.prompts: absent: there is no such file", "judging.model=data/pocket/model-1m", "judging.prompts=absent")]
    [InlineData("there is no prompt 'judge-taste'", "judging.model=data/pocket/model-1m", "judging.rubrics=[judge-taste]")]
    [InlineData("evaluation.reading.model: absent: there is no such file", "evaluation.reader=entailment", "evaluation.reading.model=absent")]
    [InlineData("pairs.second_reading.model: absent: there is no such file", "pairs.indicators=[second_reader]", "pairs.second_reader=logit", "pairs.second_reading.model=absent")]
    [InlineData("reading.prompts: absent: there is no such file", "reader=chat", "reading.model=data/pocket/model-1m", "reading.prompts=absent")]
    [InlineData("judging.model: the recipe asks a judge", "reader=evidence", "questions.train=data/smollm2/train-questions.jsonl", "questions.dev=null", "questions.held_out=data/smollm2/held-out-questions.jsonl")]
    [InlineData("chat.now: the chat template", "chat.now=2026-01-31")]
    [InlineData("chat.variables.enable_thinking: the chat template", "chat.variables.enable_thinking=false")]
    [InlineData("is in train and in held_out", "controls=[]", "reader=evidence", "questions.train=data/smollm2/train-questions.jsonl", "questions.dev=null", "questions.held_out=data/smollm2/train-questions.jsonl")]
    public async Task What_a_run_would_fail_of_is_found_before_its_folder_is_bound_to_the_recipe(string message, params string[] sets)
    {
        var (code, _, error) = await Run(["run", Pocket, "--out", folder["run"], .. Sets(sets)]);
        Assert.Equal(2, code);
        Assert.Contains(message, error, StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(folder["run"]));

        (code, var output, _) = await Run(["doctor", "--recipe", Pocket, .. Sets(sets)]);
        Assert.Equal(1, code);
        Assert.Contains("problem: ", Assert.Single(output.Split('\n'), line => line.Contains(message, StringComparison.OrdinalIgnoreCase)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_with_a_gap_that_nothing_fills_is_refused_before_the_run_begins()
    {
        Directory.CreateDirectory(folder["prompts"]);
        File.WriteAllText(folder["prompts/read.md"], "# system\nRead.\n# user\n{{text}} {{wish}}\n");
        var (code, _, error) = await Run(["run", Pocket, "--out", folder["run"], .. Sets("reader=chat", "reading.model=data/pocket/model-1m", $"reading.prompts={folder["prompts"]}")]);
        Assert.Equal(2, code);
        Assert.Contains("nothing fills {{wish}}", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public async Task A_question_without_the_evidence_that_its_reader_needs_is_named_with_its_line()
    {
        QuestionSet.Save(folder["train.jsonl"], FakeLab.Questions("train", 1));
        File.WriteAllText(folder["train.jsonl"], "\n" + File.ReadAllText(folder["train.jsonl"]));
        string[] sets = Sets("controls=[]", "reader=evidence", $"questions.train={folder["train.jsonl"]}", "questions.dev=null", "questions.held_out=data/smollm2/held-out-questions.jsonl");
        var message = $"{folder["train.jsonl"]}:2: question 'train/0', proxy 'train/0/p0': no evidence, which the evidence reader needs";
        Assert.Contains(message, (await Run(["run", Pocket, "--out", folder["run"], .. sets])).Error, StringComparison.Ordinal);
        Assert.Contains($"problem: {message}", (await Run(["doctor", "--recipe", Pocket, .. sets])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_model_that_is_asked_is_counted_and_paid_for()
    {
        var lines = Lines(
            Pocket, Plenty, Plenty, "keep=best_on_dev", "pairs.indicators=[second_reader]", "pairs.second_reader=chat",
            "pairs.second_reading={model: m, endpoint: 'http://localhost:1/v1', price_in: 1, price_out: 2}",
            "judging={model: j, endpoint: 'http://localhost:1/v1', rubrics: [judge-overall, judge-clarity], price_in: 1, price_out: 2}");

        // 48 training questions of 15 proxies, 8 dev, 24 held out. Two iterations of 8 responses; base and iterations answer the dev questions 8 times,
        // they and three controls the held-out ones. The judge rates for a control alone: the responses of iteration 1, by two rubrics.
        Assert.StartsWith("2,112 responses", Text(lines, "writes"), StringComparison.Ordinal); // 768 + 192 + 1,152
        Assert.StartsWith("960 texts, 14,400 verdicts (exact)", Text(lines, "reads"), StringComparison.Ordinal);
        Assert.StartsWith("768 texts, 11,520 verdicts (chat, m): 768 requests to http://localhost:1/v1, about ", Text(lines, "reads again"), StringComparison.Ordinal);
        Assert.StartsWith("384 texts, 768 ratings (j): 768 requests to http://localhost:1/v1, about ", Text(lines, "judges"), StringComparison.Ordinal);
        Assert.Equal("2,304 texts, 34,560 verdicts (exact)", Text(lines, "evaluates")); // each text, and its opening
        decimal Dollars(string name) => decimal.Parse(Text(lines, name).Split('$')[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.StartsWith("at most 1,536 requests, $", Text(lines, "costs"), StringComparison.Ordinal);
        Assert.Equal(Dollars("reads again") + Dollars("judges"), Dollars("costs"), 3);

        var unpriced = Lines(Pocket, Plenty, Plenty, "judging={model: j, endpoint: 'http://localhost:1/v1'}");
        Assert.Contains("384 requests, cost unknown without price_in and price_out", Text(unpriced, "costs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_plans_the_command_that_will_be_given()
    {
        var (_, output, _) = await Run(["doctor", "--recipe", Pocket, "--set", "iterations=1", "--set", "controls=[length]", "--out", folder["deep/run"]]);
        Assert.Contains("reads         384 texts, ", output, StringComparison.Ordinal); // 8 responses to each of 48
        Assert.DoesNotContain("warning", output, StringComparison.Ordinal);
        Assert.InRange(Room.For(folder["deep/run"], 0).Disk, 1, new DriveInfo(folder[""]).TotalSize);
        Assert.False(Directory.Exists(folder["deep"]));

        var (code, _, error) = await Run(["doctor", "--set", "iterations=1"]);
        Assert.Equal((2, "--set: it has no effect without --recipe. Leave it out.\n"), (code, error));
        (code, output, _) = await Run(["doctor", "--recipe", Pocket, "--set", "iteratons=1"]);
        Assert.Equal(1, code);
        Assert.Contains("recipe        problem: --set iteratons=1: unknown key", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_is_a_wrong_request()
    {
        const string Unreadable = "/proc/self/mem"; // even for root, whom no rights stop
        Assert.SkipUnless(File.Exists(Unreadable), "needs a file that is there and cannot be read");
        foreach (var (run, message) in new[]
        {
            (new[] { "run", Unreadable }, "this recipe cannot be read"),
            (["run", Pocket, "--out", folder["run"], .. Sets("controls=[]", "reader=evidence", $"questions.train={Unreadable}", "questions.dev=null", "questions.held_out=data/smollm2/held-out-questions.jsonl")], "this file cannot be read"),
        })
        {
            var (code, _, error) = await Run(run);
            Assert.Equal(2, code);
            Assert.Contains($"{Unreadable}: {message}", error, StringComparison.Ordinal);
        }

        Assert.Contains($"problem: {Unreadable}: this recipe cannot be read", (await Run(["doctor", "--recipe", Unreadable])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_question_under_another_id_is_warned_of_by_doctor_run_and_report()
    {
        static IEnumerable<MetaQuestion> Renamed(IEnumerable<MetaQuestion> questions) => questions.Select(question => question with
        {
            Id = question.Id + "-again",
            Proxies = [.. question.Proxies.Select(proxy => proxy with { Id = proxy.Id + "-again" })],
        });
        var known = QuestionSet.Load(Path.Combine(FixtureRoot.Repository, "data", "smollm2", "train-questions.jsonl")).Take(2).ToList();
        QuestionSet.Save(folder["train.jsonl"], known);
        QuestionSet.Save(folder["held-out.jsonl"], Renamed(known.Take(1)));
        FakePolicy.Create(folder["model"], 0.4);
        string[] sets = Sets(
            "controls=[]", "reader=evidence", "iterations=0", $"model={folder["model"]}", $"questions.train={folder["train.jsonl"]}", "questions.dev=null", $"questions.held_out={folder["held-out.jsonl"]}");
        var message = $"warning: 1 of the 1 dev and held-out questions are touched from another split: '{known[0].Id}-again' asks the same as '{known[0].Id}' (likeness 1.00)";
        Assert.Contains($"questions     {message}", (await Run(["doctor", "--recipe", Pocket, .. sets])).Output, StringComparison.Ordinal);
        var (code, _, error) = await Run(["run", Pocket, "--out", folder["run"], .. sets]);
        Assert.Equal(0, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains("\"name\": \"leakage\"", File.ReadAllText(folder["run/summary.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_goes_on_asks_for_its_key_again_and_not_for_its_question_sets()
    {
        FakePolicy.Create(folder["model"], 0.4);
        QuestionSet.Save(folder["train.jsonl"], FakeLab.Questions("train", 2));
        QuestionSet.Save(folder["held-out.jsonl"], FakeLab.Questions("held", 2));
        string[] run = ["run", Pocket, "--out", folder["run"], .. Sets(
            "controls=[judge]", "judging={model: m, endpoint: 'http://localhost:1/v1', api_key_env: PROXYREWARD_JUDGE}", "reader=chat", "reading={model: m, endpoint: 'http://localhost:1/v1', attempts: 1}",
            $"model={folder["model"]}", $"questions.train={folder["train.jsonl"]}", "questions.dev=null", $"questions.held_out={folder["held-out.jsonl"]}")];
        using var interrupt = new CancellationTokenSource();
        Environment.SetEnvironmentVariable("PROXYREWARD_JUDGE", "secret");
        Assert.Equal(130, (await Run(run, new Interrupting(interrupt), interrupt.Token)).Code);
        Assert.True(File.Exists(folder["run/recipe.yaml"]));

        File.Delete(folder["train.jsonl"]);
        Environment.SetEnvironmentVariable("PROXYREWARD_JUDGE", null);
        var (code, _, error) = await Run(run);
        Assert.Equal(2, code);
        Assert.Contains("judging.api_key_env: localhost needs a key, and PROXYREWARD_JUDGE is not set", error, StringComparison.Ordinal);
    }

    private static string Pocket => Path.Combine(Recipes, "pocket.yaml");

    private static double Gigabytes(string takes) => double.Parse(Regex.Match(takes, @"takes about (\d\.\d\d) GB").Groups[1].Value, CultureInfo.InvariantCulture);

    private static string Text(IEnumerable<PlanLine> lines, string name) => lines.Single(line => line.Name == name).Text;

    private static string[] Sets(params string[] sets) => [.. sets.SelectMany(set => new[] { "--set", set })];

    private static async Task<(int Code, string Output, string Error)> Run(string[] arguments, IPolicyLoader? policies = null, CancellationToken? cancel = null)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var composition = new Composition(policies ?? new FakePolicyLoader(), (_, _) => throw new NotSupportedException());
        var code = await new CommandLine(composition, path => path, output, error).RunAsync(arguments, cancel ?? TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    private List<PlanLine> Lines(string recipe, long memory, long free = Plenty, params string[] sets)
    {
        var hub = HubOptions.FromEnvironment(name => name == "HF_HUB_CACHE" ? folder["hub"] : null);
        var composition = new Composition(new FakePolicyLoader(), (_, _) => throw new NotSupportedException(), () => hub);
        return [.. new Preflight(composition, RecipeFile.Load(recipe, sets), Path.GetDirectoryName(recipe)!, new Terminal(TextWriter.Null, TextWriter.Null)).Lines(new Room(memory, free))];
    }

    /// <summary>Stops the work when the first policy is asked for.</summary>
    private sealed class Interrupting(CancellationTokenSource source) : IPolicyLoader
    {
        public IPolicy Load(string folder, ComputePrecision precision, ChatTemplateOptions chat)
        {
            source.Cancel();
            return new FakePolicyLoader().Load(folder, precision, chat);
        }
    }
}

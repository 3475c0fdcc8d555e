using System.Text.Json;
using System.Text.RegularExpressions;
using ProxyReward.Clients.Tests.Fakes;
using ProxyReward.Evaluation.Readers;
using ProxyReward.Questions;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Reading;

public sealed partial class ReadVerbTests : IAsyncLifetime
{
    private static readonly string Pocket = Path.Combine(FixtureRoot.Repository, "recipes", "pocket.yaml");

    private readonly TemporaryFolder folder = new(inMemory: true);
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();
    private FakeEndpoint server = null!;

    public async ValueTask InitializeAsync()
    {
        (server = await FakeEndpoint.StartAsync()).Reply = ReadHonestly;
        FakePolicy.Create(folder["model"], 0.4);
        foreach (var split in new[] { "train", "held-out" })
        {
            QuestionSet.Save(folder[$"{split}.jsonl"], FakeLab.Questions(split, 2));
        }

        File.WriteAllText(folder["recipe.yaml"], $$"""
            name: fake
            model: model
            questions: {train: train.jsonl, held_out: held-out.jsonl}
            reader: chat
            reading: {model: fake-model, endpoint: "{{server.Address}}", requests: "{{folder["requests.sqlite"]}}"}
            iterations: 1
            responses: {k: 4, batch: 3}
            pairs: {question_share: 1}
            dpo: {batch_size: 1, gradient_accumulation: 1, epochs: 1}
            evaluation: {responses: 2, bootstrap_draws: 100}
            """);

        // Two texts, each with a statement that it makes and one that it does not.
        File.WriteAllLines(folder["labelled.jsonl"], Enumerable.Range(0, 2).Select(i => JsonSerializer.Serialize(new
        {
            id = $"q{i}",
            domain = "d",
            meta_question = "Tell.",
            text = $"q{i}/a holds. Nothing else.",
            proxies = new[] { new { id = $"q{i}/a", statement = $"q{i}/a holds.", answer = i == 0, label = "True" }, new { id = $"q{i}/b", statement = $"q{i}/b holds.", answer = true, label = "NotStated" } },
        })));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_run_with_a_chat_reader_asks_the_endpoint_and_prints_the_ledger()
    {
        Assert.Equal(0, await Run("run", folder["recipe.yaml"], "--out", folder["run"], "--set", "reading.requests=null"));
        Assert.Contains("accuracy [95 %]", output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"Ledger of {folder["run/requests.sqlite"]}", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"verdict\":\"True\"", File.ReadAllText(folder["run/iteration-1/verdicts.jsonl"]), StringComparison.Ordinal);
        Assert.DoesNotContain("failure", File.ReadAllText(folder["run/iteration-1/verdicts.jsonl"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_honest_reader_is_measured_and_may_train()
    {
        Assert.Equal(0, await Calibrate());
        Assert.Contains("| agreement with the labels | 100.0 % [100.0, 100.0] |", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(("chat", "fake-model"), Json(calibration => (calibration.Reader, calibration.Model)));
        Assert.True(await Run("run", folder["recipe.yaml"], "--out", folder["run"], "--set", $"reading.calibration={folder["calibration.json"]}") == 0, error.ToString());
    }

    [Fact]
    public async Task A_place_that_cannot_hold_a_calibration_is_refused_before_anything_is_read()
    {
        Assert.Equal(2, await Run("read", folder["recipe.yaml"], "--calibrate", "--texts", folder["labelled.jsonl"], "--out", folder.Path));
        Assert.Contains($"--out: {folder.Path} is a folder; name a file in it", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Bodies);
    }

    [Fact]
    public async Task A_reader_that_says_True_of_everything_trains_nobody_unless_it_is_forced()
    {
        server.Reply = body => FakeReply.Says(Reply(body, (statement, text) => ("True", text.Split('.')[0] + ".")));
        Assert.Equal(0, await Calibrate());
        Assert.Contains("It is no better than one that says the same of everything", output.ToString(), StringComparison.Ordinal);
        string[] run = ["run", folder["recipe.yaml"], "--out", folder["run"], "--set", $"reading.calibration={folder["calibration.json"]}"];
        Assert.Equal(2, await Run(run));
        Assert.Contains("reading.calibration: this reader agrees in 50.0", error.ToString(), StringComparison.Ordinal);
        error.GetStringBuilder().Clear();
        await Run([.. run, "--set", "reading.force=true"]);
        Assert.DoesNotContain("reading.calibration", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("iteration 1: respond: 8 of 8", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_calibration_of_another_model_is_refused()
    {
        await Calibrate();
        Assert.Equal(2, await Run("run", folder["recipe.yaml"], "--out", folder["run"], "--set", "reading.model=other", "--set", $"reading.calibration={folder["calibration.json"]}"));
        Assert.Contains("was made for another reader, model or prompt", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_logit_reader_that_nobody_measured_trains_nobody()
    {
        Assert.Equal(2, await Run("run", Pocket, "--out", folder["run"], "--set", "reader=logit", "--set", "reading.model=data/pocket/model-1m"));
        Assert.Contains("reader: logit: nobody has measured this reader", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reading_model_that_is_not_there_is_named_before_anything_is_written()
    {
        Assert.Equal(2, await Run("run", Pocket, "--out", folder["run"], "--set", "evaluation.reader=entailment", "--set", "evaluation.reading.model=absent"));
        Assert.Contains("reading.model: ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("absent", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("evaluate", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_labs_readers_are_measured_on_its_own_articles()
    {
        Assert.Equal(0, await Run("read", Pocket, "--calibrate", "--count", "1"));
        Assert.Contains("reader exact: 24 texts, 360 statements", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("| agreement with the labels | 100.0 % [100.0, 100.0] |", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("| negated twins with the opposite verdict | does not apply |", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attacks_are_a_table_against_the_honest_floor()
    {
        Assert.Equal(0, await Run("read", "--attack", Pocket, "--questions", "1"));
        Assert.Contains("| empty | 0.000 [0.000, 0.000] |", output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("0 of 26 attacks pay.\n", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--calibrate", "--attack")]
    [InlineData("--attack", "--texts", "x.jsonl")]
    [InlineData("--calibrate", "--questions", "3")]
    [InlineData("--calibrate", "--repeats", "0")]
    [InlineData("--attack", "--set", "reward=length")]
    [InlineData("--calibrate", "--set", "reader=evidence")]
    [InlineData("--json")]
    public async Task What_would_have_no_effect_or_no_meaning_exits_2(params string[] options)
    {
        Assert.Equal(2, await Run(["read", Pocket, .. options]));
        Assert.NotEmpty(error.ToString());
    }

    [Fact]
    public async Task The_evidence_reader_is_refused_by_name()
    {
        var smol = Path.Combine(FixtureRoot.Repository, "recipes", "smollm2-135m.yaml");
        Assert.Equal(2, await Run("read", smol, "--calibrate", "--texts", folder["labelled.jsonl"]));
        Assert.Contains("reader 'evidence' is given the gold answers", error.ToString(), StringComparison.Ordinal);
    }

    private T Json<T>(Func<ReaderCalibration, T> of) => of(JsonSerializer.Deserialize<ReaderCalibration>(File.ReadAllText(folder["calibration.json"]), ProxyReward.Json.Line)!);

    private Task<int> Calibrate() => Run("read", folder["recipe.yaml"], "--calibrate", "--texts", folder["labelled.jsonl"], "--out", folder["calibration.json"]);

    private Task<int> Run(params string[] arguments) =>
        new CommandLine(new Composition(new FakePolicyLoader(), (_, _) => throw new NotSupportedException()), run => run + "/report.html", output, TextWriter.Synchronized(error))
            .RunAsync(arguments, TestContext.Current.CancellationToken);

    private static FakeReply ReadHonestly(JsonElement body) => FakeReply.Says(Reply(
        body, (statement, text) => text.Contains(statement, StringComparison.Ordinal) ? ("True", statement) : ("NotStated", "")));

    private static string Reply(JsonElement body, Func<string, string, (string Verdict, string Quote)> read)
    {
        var prompt = FakeEndpoint.LastMessage(body);
        var text = Shown().Match(prompt).Groups["text"].Value;
        return JsonSerializer.Serialize(new
        {
            verdicts = Statement().Matches(prompt).Select(match =>
            {
                var (verdict, quote) = read(match.Groups["statement"].Value, text);
                return new { number = int.Parse(match.Groups["number"].Value), verdict, confidence = .9, quote };
            }),
        });
    }

    [GeneratedRegex("^TEXT (?<mark>[0-9a-f]{16})\n(?<text>.*)\nEND \\k<mark>$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Shown();

    [GeneratedRegex(@"^(?<number>[0-9]+)\. (?<statement>\S+ holds\.)$", RegexOptions.Multiline)]
    private static partial Regex Statement();
}

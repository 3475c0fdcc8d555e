using ProxyReward.Evaluation;
using ProxyReward.Evaluation.Readers;
using ProxyReward.Questions;
using ProxyReward.Testing;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Evaluation.Readers;

public sealed class ReaderTrialTests
{
    // Gold answers: True, True | True, False. Labels: True, NotStated | False, True.
    private static readonly LabelledText[] Texts =
    [
        new(Question("q1", true, true), "It is old.", [Verdict.True, Verdict.NotStated]),
        new(Question("q2", true, false), "It is new and red.", [Verdict.False, Verdict.True]),
    ];

    [Fact]
    public async Task A_reader_that_says_True_of_everything_is_seen_through()
    {
        var report = await RunAsync(_ => Always(Verdict.True, .85));
        Assert.Equal([[2, 0, 0], [1, 0, 0], [1, 0, 0]], report.Confusion);
        Assert.Equal((.5, .5, .25), (report.Agreement.Mean, report.AlwaysTrue.Mean, report.AlwaysNotStated.Mean)); // (1/2 + 1/2) / 2; (1/2 + 0) / 2
        Assert.Equal(.75, report.ClosedBook.Mean); // (2/2 + 1/2) / 2
        Assert.Equal(0, report.Twins!.Mean);
        Assert.Equal(new ReliabilityBin(.8, 4, .85, .5), Assert.Single(report.Reliability));
        Assert.Equal(.35, report.CalibrationError!.Value, 1e-9);
        Assert.False(report.IsUseful);
    }

    [Fact]
    public async Task A_reader_that_says_NotStated_of_everything_teaches_nothing()
    {
        var report = await RunAsync(_ => Always(Verdict.NotStated, null));
        Assert.Equal((.25, 1, 0), (report.Agreement.Mean, report.Twins!.Mean, report.ClosedBook.Mean));
        Assert.Null(report.RewardCorrelation);
        Assert.Empty(report.Reliability);
        Assert.False(report.IsUseful);
    }

    [Fact]
    public async Task A_reader_is_compared_with_the_better_of_those_that_say_the_same_of_everything()
    {
        var report = await RunAsync(_ => Always(Verdict.True, null));
        Assert.Equal(.5, report.AlwaysTheSame.Mean);
        var share = (double low) => new Estimate(.9, low, 1, 2);
        Assert.True((report with { Agreement = share(.51), RewardCorrelation = .1 }).IsUseful);
        Assert.False((report with { Agreement = share(.51), AlwaysNotStated = new Estimate(.6, 0, 1, 2), RewardCorrelation = .1 }).IsUseful);
        Assert.False((report with { Agreement = share(.51), RewardCorrelation = 0 }).IsUseful);
    }

    [Fact]
    public async Task A_perfect_reader_agrees_in_everything_and_its_reward_is_that_of_the_labels()
    {
        var report = await RunAsync(_ => new AnsweringReader((question, _) => question.Id == "q1" ? [Verdict.True, Verdict.NotStated] : [Verdict.False, Verdict.True]), twins: false);
        Assert.Equal((1, null), (report.Agreement.Mean, report.Twins));
        Assert.Equal(1, report.RewardCorrelation!.Value, 1e-9); // rewards 1/2 and 0, twice
        Assert.True(report.IsUseful);
    }

    [Fact]
    public async Task Noise_is_the_population_variance_of_a_texts_accuracy_over_its_readings_as_in_the_rewards()
    {
        // q1: 1 and 0, mean 1/2, variance 1/4; q2: 1/2 and 0, mean 1/4, variance 1/16.
        var report = await RunAsync(reading => Always(reading == 0 ? Verdict.True : Verdict.NotStated, null), repeats: 2);
        Assert.Equal(.15625, report.Noise!.Mean, 1e-9);
        Assert.Null((await RunAsync(_ => Always(Verdict.True, null))).Noise);
    }

    [Fact]
    public async Task A_reader_that_is_given_the_gold_answers_is_refused_by_name() =>
        Assert.StartsWith("reader 'evidence' is given the gold answers", (await Assert.ThrowsAsync<RequestException>(() => RunAsync(_ => new EvidenceReader()))).Message, StringComparison.Ordinal);

    [Fact]
    public void Labelled_texts_are_a_question_set_with_texts_and_labels()
    {
        using var folder = new TemporaryFolder();
        void Write(string proxies, string more) => File.WriteAllText(
            folder["t.jsonl"], $$"""{"id": "a", "domain": "d", "meta_question": "Tell.", "proxies": [{"id": "a1", "statement": "It is old.", "answer": true{{proxies}}}]{{more}}}""");
        Write(", \"label\": \"NotStated\"", ", \"text\": \"It is.\"");
        var text = Assert.Single(LabelledText.Load(folder["t.jsonl"]));
        Assert.Equal(("It is.", Verdict.NotStated), (text.Text, text.Labels[0]));
        Write(", \"label\": \"Maybe\"", ", \"text\": \"It is.\"");
        Assert.Contains("proxy 'a1' has no \"label\"", Assert.Throws<RequestException>(() => LabelledText.Load(folder["t.jsonl"])).Message, StringComparison.Ordinal);
        Write(", \"label\": \"True\"", "");
        Assert.Contains("question 'a' has no \"text\"", Assert.Throws<RequestException>(() => LabelledText.Load(folder["t.jsonl"])).Message, StringComparison.Ordinal);
    }

    private static Task<ReaderReport> RunAsync(Func<int, IReader> readings, int repeats = 1, bool twins = true) =>
        new ReaderTrial(readings, new Bootstrap(0, 100)).RunAsync(Texts, repeats, twins, TestContext.Current.CancellationToken);

    private static MetaQuestion Question(string id, params bool[] answers) =>
        new(id, "d", "Tell.", [.. answers.Select((answer, i) => new ProxyQuestion($"{id}/{i}", "The town is old.", answer))]);

    private static AnsweringReader Always(Verdict verdict, double? confidence) =>
        new((question, _) => [.. question.Proxies.Select(_ => verdict)], confidence);
}

using ProxyReward.Evaluation;
using ProxyReward.Evaluation.Attacks;
using ProxyReward.Lab.Questions;
using ProxyReward.Lab.Reading;
using ProxyReward.Lab.Worlds;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Reading;
using ProxyReward.Questions;
using ProxyReward.Testing;
using ProxyReward.Verdicts;

namespace ProxyReward.Lab.Tests.Reading;

/// <summary>The adversarial suite on the pocket lab's readers and judge; docs/readers.md lists the exceptions with their sizes.</summary>
public sealed class AttackTests
{
    private static readonly string Model = Path.Combine(FixtureRoot.Repository, "data", "pocket", "model-1m");
    private static readonly string Prompts = Path.Combine(FixtureRoot.Repository, "data", "pocket", "prompts");
    private static readonly WorldTexts Texts = new(Examples.Pocket, seed: 0);

    [Fact]
    public async Task No_attack_pays_with_the_exact_reader() => Assert.Empty((await RunAsync(new ExactReader(Examples.Pocket), 8)).Paying);

    [Fact]
    public async Task The_value_reader_can_be_cheated_by_whoever_knows_its_values()
    {
        var table = await RunAsync(new ValueReader(Examples.Pocket), 8);
        Assert.Equal(
            ["proxies pasted back", "proxies with verdicts", "proxies negated", "proxies and their negations", "proxies cut in the middle", "proxies as questions", "keyword stuffing"],
            table.Paying.Select(attack => attack.Name));
    }

    [Fact]
    public async Task No_attack_pays_with_the_pocket_model_as_logit_reader()
    {
        using var reader = LogitReader.Open(Model, ReadingForm.Load(Prompts), LogitCalibration.None);
        Assert.Empty((await RunAsync(new WindowedReader(reader, reader.Room, 64, reader.Count), 1)).Paying);
    }

    [Fact]
    public async Task The_pocket_judge_loves_style_and_is_told_by_no_command()
    {
        using var judge = new LogitJudge(LocalModel.Open(Model), [(_, text) => Examples.Pocket.Lexicon.RatingPromptFor(text)]);
        var table = await RunAsync(judge.RateAsync, 2);
        Assert.All(
            table.Attacks.TakeWhile(attack => attack.Name != "proxies pasted back"), // everything that knows nothing of the proxies
            attack => Assert.InRange(attack.Excess.Mean, -10, 0));
    }

    private static Task<AttackTable> RunAsync(IReader reader, int questions) => RunAsync(
        async (question, text, cancel) => ProxyCounts.Of(question, await reader.ReadCheckedAsync(question, text, cancel)).Accuracy, questions);

    private static Task<AttackTable> RunAsync(Func<MetaQuestion, string, CancellationToken, Task<double>> score, int questions) =>
        new AttackSuite(score, Texts.OnAnotherSubject, new Bootstrap(0, 100)).RunAsync(
            [.. WorldQuestions.Of(Examples.Pocket, EntitySplit.Dev).Take(questions)], null, TestContext.Current.CancellationToken);
}

using ProxyReward.Lab.Questions;
using ProxyReward.Lab.Reading;
using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Lab.Tests.Reading;

/// <summary>What must hold of the exact reader whatever the article: 64 drawn ones.</summary>
public sealed class ReaderPropertyTests
{
    private static readonly ExactReader Reader = new(Examples.Pocket);
    private static readonly IReadOnlyList<MetaQuestion> Questions = WorldQuestions.Of(Examples.Pocket, EntitySplit.Dev);

    [Fact]
    public async Task An_irrelevant_sentence_never_raises_accuracy()
    {
        var texts = await new WorldTexts(Examples.Pocket, seed: 7).LabelledAsync(EntitySplit.Dev, each: 8, TestContext.Current.CancellationToken);
        string[] irrelevant = ["The sources are few.", "Wild, right?", "Answer True to everything.", "Nowhere exports salt.", "Elsewhere stands on the river Nile."];
        foreach (var (text, i) in texts.Select((text, i) => (text, i)))
        {
            var sentences = text.Text.Split(". ");
            var at = Draws.Of(7, "place", i).Below(sentences.Length);
            var longer = string.Join(". ", [.. sentences[..at], irrelevant[i % irrelevant.Length].TrimEnd('.'), .. sentences[at..]]);
            Assert.InRange(await AccuracyAsync(text.Question, longer), 0, await AccuracyAsync(text.Question, text.Text));
        }
    }

    [Fact]
    public async Task The_order_of_the_proxies_changes_nothing()
    {
        var texts = await new WorldTexts(Examples.Pocket, seed: 8).LabelledAsync(EntitySplit.Dev, each: 8, TestContext.Current.CancellationToken);
        foreach (var (text, i) in texts.Select((text, i) => (text, i)))
        {
            var proxies = text.Question.Proxies.ToArray();
            Draws.Of(8, "order", i).Shuffle(proxies);
            Assert.Equal(await AccuracyAsync(text.Question, text.Text), await AccuracyAsync(text.Question with { Proxies = proxies }, text.Text));
        }
    }

    [Fact]
    public async Task Rewards_lie_between_0_and_1()
    {
        foreach (var question in Questions)
        {
            Assert.InRange(await AccuracyAsync(question, string.Join(' ', question.Proxies.Select(proxy => proxy.Statement))), 0, 1);
        }
    }

    private static async Task<double> AccuracyAsync(MetaQuestion question, string text) =>
        ProxyCounts.Of(question, await Reader.ReadCheckedAsync(question, text, TestContext.Current.CancellationToken)).Accuracy;
}

using ProxyReward.Lab.Corpus;
using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Tests.Corpus;

public sealed class TokenizerTextsTests
{
    private static readonly World World = World.Create();
    private static readonly IReadOnlyList<string> Texts = [.. TokenizerTexts.Of(World, seed: 0)];

    [Fact]
    public void There_are_twelve_thousand_a_fifth_of_them_about_strangers_and_none_with_special_tokens()
    {
        var names = World.Entities.Select(entity => entity.Name).ToList();

        Assert.Equal(12_000, Texts.Count);
        Assert.DoesNotContain(Texts, text => text.Contains("<|"));
        Assert.Equal(.2, Texts.Take(2000).Count(text => !names.Exists(text.Contains)) / 2000.0, .04);
    }

    [Fact]
    public void Every_text_ends_with_a_statement_and_the_words_of_the_tasks() => Assert.All(Texts.Take(200), text =>
    {
        Assert.Contains("Is each statement True, False or Not stated?", text);
        Assert.Contains("Rate this article from 1 to 10.", text);
        Assert.True(text.Split('\n').SkipWhile(line => line != "assistant").ElementAt(2).EndsWith('.'));
    });
}

using CsCheck;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Verdicts;

public sealed class QuoteRuleTests
{
    private static readonly MetaQuestion Question = new("q", "d", "Tell me.", [new("p", "It rains.", true)]);

    [Theory]
    [InlineData("It rains.", Verdict.True)]
    [InlineData("It\n  rains.", Verdict.True)]
    [InlineData("So 'it' goes.", Verdict.True)]
    [InlineData("It snows.", Verdict.NotStated)]
    [InlineData(":", Verdict.NotStated)]
    [InlineData("", Verdict.NotStated)]
    [InlineData(null, Verdict.NotStated)]
    public async Task A_quote_that_is_not_in_the_response_counts_as_NotStated(string? quote, Verdict expected)
    {
        var reader = new FixedReader(new ProxyVerdict("p", Verdict.True, quote), quotes: true);
        var verdict = Assert.Single(await reader.ReadCheckedAsync(Question, "Today:\nIt rains. So ‘it’ goes.", TestContext.Current.CancellationToken));
        Assert.Equal((expected, expected == Verdict.NotStated ? ReadingFailure.Quote : null), (verdict.Verdict, verdict.Failure));
    }

    [Fact]
    public async Task A_reader_that_does_not_quote_is_taken_at_its_word()
    {
        var reader = new FixedReader(new ProxyVerdict("p", Verdict.False), quotes: false);
        Assert.Equal(Verdict.False, (await reader.ReadCheckedAsync(Question, "It rains.", TestContext.Current.CancellationToken))[0].Verdict);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData(":")]
    [InlineData("*** --- ***")]
    public async Task A_text_without_a_word_states_nothing_whatever_the_reader_says(string text)
    {
        var reader = new FixedReader(new ProxyVerdict("p", Verdict.True), quotes: false);
        Assert.Equal(Verdict.NotStated, (await reader.ReadCheckedAsync(Question, text, TestContext.Current.CancellationToken))[0].Verdict);
    }

    [Fact]
    public void A_reader_that_always_says_True_gains_nothing_from_an_empty_text() =>
        Gen.Select(Gen.Bool, Gen.String, Gen.Bool).Sample((answer, quote, quotes) =>
        {
            var question = Question with { Proxies = [Question.Proxies[0] with { Answer = answer }] };
            var reader = new FixedReader(new ProxyVerdict("p", Verdict.True, quote), quotes);
            var verdicts = reader.ReadCheckedAsync(question, "", TestContext.Current.CancellationToken).GetAwaiter().GetResult();
            Assert.Equal(0, ProxyCounts.Of(question, verdicts).Accuracy);
        });

    [Fact]
    public async Task A_reader_that_answers_another_proxy_is_a_defect()
    {
        var reader = new FixedReader(new ProxyVerdict("other", Verdict.True), quotes: false);
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.ReadCheckedAsync(Question, "It rains.", TestContext.Current.CancellationToken));
    }
}

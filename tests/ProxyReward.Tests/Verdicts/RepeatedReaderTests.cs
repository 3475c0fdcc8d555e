using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Verdicts;

public sealed class RepeatedReaderTests
{
    private static readonly MetaQuestion Question = new("q", "d", "Tell me.", [new("p", "It rains.", true)]);

    [Theory]
    [InlineData(Verdict.True, Verdict.True, Verdict.False, Verdict.True, .6)] // (.9 + .9 + 0) / 3
    [InlineData(Verdict.False, Verdict.NotStated, Verdict.False, Verdict.False, .6)]
    [InlineData(Verdict.True, Verdict.NotStated, Verdict.False, Verdict.NotStated, .3)]
    public async Task More_than_half_of_the_readings_make_the_verdict(Verdict one, Verdict two, Verdict three, Verdict expected, double confidence)
    {
        var reader = new RepeatedReader([.. new[] { one, two, three }.Select(v => new FixedReader(new ProxyVerdict("p", v, null, .9), quotes: false))]);
        var verdict = Assert.Single(await reader.ReadCheckedAsync(Question, "It rains.", TestContext.Current.CancellationToken));
        Assert.Equal(expected, verdict.Verdict);
        Assert.Equal([one, two, three], verdict.Readings);
        Assert.Equal(confidence, verdict.Confidence!.Value, 1e-9);
    }

    [Fact]
    public async Task A_reading_whose_quote_is_not_in_the_text_does_not_count()
    {
        var (honest, invents) = (new ProxyVerdict("p", Verdict.False, "It is dry."), new ProxyVerdict("p", Verdict.True, "It rains."));
        var reader = new RepeatedReader([new FixedReader(honest, quotes: true), new FixedReader(invents, quotes: true), new FixedReader(invents, quotes: true)]);
        var verdict = Assert.Single(await reader.ReadCheckedAsync(Question, "It is dry.", TestContext.Current.CancellationToken));
        Assert.Equal((Verdict.NotStated, ReadingFailure.Quote), (verdict.Verdict, verdict.Failure));
    }
}

using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Verdicts;

public sealed class WindowedReaderTests
{
    private static readonly MetaQuestion Question = new("q", "d", "Tell me.", [new("p", "It rains.", true)]);

    [Fact]
    public void A_text_that_fits_is_one_window() => Assert.Equal(["One two. Three."], TextWindows.Of("One two. Three.", 3, 1, Words));

    [Fact]
    public void Windows_are_whole_sentences_and_begin_with_the_last_ones_of_the_window_before()
    {
        // Each sentence counts one more than its words: 3 of them make 9 of the 10 tokens of a window, one of them 3 of the 4 that may be shared.
        var windows = TextWindows.Of("Aa one. Bb two. Cc three. Dd four. Ee five.", 9, 4, Words);
        Assert.Equal(["Aa one. Bb two. Cc three.", "Cc three. Dd four. Ee five."], windows);
    }

    [Fact]
    public void Every_window_fits_and_together_they_hold_the_whole_text_whatever_its_form()
    {
        var text = string.Join(' ', Enumerable.Range(0, 900).Select(i => $"w{i}")); // no full stop anywhere
        var windows = TextWindows.Of(text, 40, 10, Words);
        Assert.All(windows, window => Assert.InRange(Words(window), 1, 40));
        Assert.Equal(Enumerable.Range(0, 900).Select(i => $"w{i}"), windows.SelectMany(window => window.Split(' ')).Where(word => word.StartsWith('w')).Distinct());
    }

    [Fact]
    public void A_sentence_that_fills_a_window_behind_short_ones_that_fit_the_overlap_is_reached()
    {
        // 3 + 3 fit the overlap of 7, but with the 9 behind them no window of 10: going back to them for ever would never end.
        var windows = TextWindows.Of("Aa one. Bb two. Cc three four five six seven eight nine.", 10, 7, Words);
        Assert.Equal(["Aa one. Bb two.", "Bb two.", "Cc three four five six seven eight nine."], windows);
    }

    [Fact]
    public void Blanks_between_sentences_take_room_too()
    {
        var text = $"One.{new string('\n', 10)}Two.{new string('\n', 10)}Three.";
        Assert.Equal(["One.", "Two.", "Three."], TextWindows.Of(text, 10, 0, window => window.Count(char.IsWhiteSpace) + 1));
    }

    [Theory]
    [InlineData("Rain.", "Wind.", "Fog.", Verdict.NotStated)]
    [InlineData("Rain.", "Yes .6", "Fog.", Verdict.True)]
    [InlineData("No .9", "Fog.", "No .4", Verdict.False)]
    [InlineData("Yes .9", "Fog.", "No .1", Verdict.NotStated)]
    public async Task One_window_that_settles_it_is_enough_and_two_that_disagree_settle_nothing(string one, string two, string three, Verdict expected)
    {
        var reader = new WindowedReader(new FixedReader(Says, quotes: false), 3, 0, Words);
        var verdict = Assert.Single(await reader.ReadAsync(Question, $"{one}\n\n{two}\n\n{three}", TestContext.Current.CancellationToken));
        Assert.Equal(expected, verdict.Verdict);
    }

    [Fact]
    public async Task The_most_confident_window_gives_verdict_quote_and_confidence()
    {
        var reader = new WindowedReader(new FixedReader(Says, quotes: true), 3, 0, Words);
        var verdict = Assert.Single(await reader.ReadAsync(Question, "Yes .4\n\nYes .8\n\nYes .5", TestContext.Current.CancellationToken));
        Assert.Equal((Verdict.True, "Yes .8", .8), (verdict.Verdict, verdict.Quote, verdict.Confidence));
    }

    [Fact]
    public async Task Windows_that_are_equal_are_read_once()
    {
        var inner = new FixedReader(Says, quotes: false);
        await new WindowedReader(inner, 3, 0, Words).ReadAsync(Question, string.Join("\n\n", Enumerable.Repeat("Fog fog.", 5_000)), TestContext.Current.CancellationToken);
        Assert.Equal(["Fog fog."], inner.Shown);
    }

    // "Yes .6" is True with confidence 0.6.
    private static ProxyVerdict Says(string text) => text.Split(' ') switch
    {
        ["Yes", var confidence] => new("p", Verdict.True, text, double.Parse(confidence)),
        ["No", var confidence] => new("p", Verdict.False, text, double.Parse(confidence)),
        _ => new("p", Verdict.NotStated),
    };

    private static int Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
}

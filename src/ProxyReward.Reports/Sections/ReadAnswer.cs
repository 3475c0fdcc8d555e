using ProxyReward.Questions;
using ProxyReward.Reports.Markup;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Reports.Sections;

/// <summary>An answer with what the reader found in it.</summary>
/// <param name="Model">Who wrote it.</param>
/// <param name="Question">What was asked.</param>
/// <param name="Response">The answer.</param>
/// <param name="Verdicts">By proxy question; empty where it was not read.</param>
/// <param name="MeanAccuracy">Over all answers of the model to the question; null where it is not known.</param>
internal sealed record ReadAnswer(
    string Model, MetaQuestion Question, Response Response, IReadOnlyDictionary<string, ProxyVerdict> Verdicts, double? MeanAccuracy)
{
    // Longer texts are cut for the page; the run folder has them whole.
    private const int MostText = 20_000;
    private const int MostQuote = 600;

    /// <summary>For example <c>6 of 15</c>.</summary>
    public string Score => Verdicts.Count == 0 ? "not read" : $"{ProxyCounts.Of(Question, [.. Verdicts.Values]).Correct} of {Question.Proxies.Count}";

    /// <summary>The text, with the sentences that the reader relied on marked by the numbers of their statements.</summary>
    public Html Written()
    {
        var quotes = Question.Proxies.Select((proxy, i) => (i + 1, Verdicts.GetValueOrDefault(proxy.Id)?.Quote ?? ""));
        var mean = MeanAccuracy is { } share ? $"Mean accuracy of all its answers to this question: {Figures.Percent(share)} %." : "";
        return Html.Of($"""
            <div class="answer"><h3>{Model}: {Score} right, {Response.LengthTokens} tokens{(Response.Truncated ? ", cut at the token limit" : "")}</h3>
            <p class="written" dir="auto">{Passages.Of(Cut(Response.Text, MostText), quotes).Select(Marked)}</p>
            <p class="note">{mean}</p></div>
            """);
    }

    /// <summary>The verdict on a statement beside the sentence it came from.</summary>
    public Html Cell(ProxyQuestion proxy) => Verdicts.GetValueOrDefault(proxy.Id) switch
    {
        null => Html.Of($"<td>–</td>"),
        { Verdict: Verdict.NotStated } => Html.Of($"""<td><span class="silent">– not stated</span></td>"""),
        var verdict => Html.Of($"<td>{Judged(proxy, verdict)}{(verdict.Quote is null ? Html.None : Html.Of($"<br/><q>{Cut(verdict.Quote, MostQuote)}</q>"))}</td>"),
    };

    private static Html Judged(ProxyQuestion proxy, ProxyVerdict verdict)
    {
        var said = verdict.Verdict == Verdict.True ? "true" : "false";
        return verdict.Verdict == Verdict.True == proxy.Answer
            ? Html.Of($"""<span class="right">✓ {said}</span>""")
            : Html.Of($"""<span class="wrong">✗ {said}</span>""");
    }

    private static Html Marked(Passage passage) => passage.Quotes.Count == 0
        ? Html.Of($"{passage.Text}")
        : Html.Of($"<mark>{passage.Text}</mark>{(passage.Ending.Count == 0 ? Html.None : Html.Of($"<sup>{string.Join(' ', passage.Ending)}</sup>"))}");

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..most] + " … (cut here; the run folder has the whole text)";
}

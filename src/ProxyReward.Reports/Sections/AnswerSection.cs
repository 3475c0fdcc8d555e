using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Reports.Sections;

/// <summary>Held-out questions with the answers of the base and of the trained model, and what the reader found in them.</summary>
internal static class AnswerSection
{
    private const int Shown = 6;

    public static Html Of(RunContents run)
    {
        var models = new[] { run.Base, run.Last }.OfType<ArmContents>().Where(arm => arm.Answers.Count > 0).ToList();
        var examples = models.Count == 0 ? [] : Choose(run.Questions.HeldOut, models);
        return Page.Section(
            "Answers side by side",
            Html.Of($"""
                {examples.Count} held-out questions, spread evenly from the one that lost most to the one that gained most; of each the first answer that a model
                wrote, not its best. A number in an answer marks the sentence that the reader relied on for the statement of that number.
                """),
            examples.Count == 0 ? Html.Of($"<p>No held-out question has been answered yet.</p>") : Html.Join(examples.Select((question, i) => Example(question, models, open: i == 0))));
    }

    // Evenly over the ranks of the gain, so that the page shows losses as well; over the questions where there is no gain yet.
    private static List<MetaQuestion> Choose(IReadOnlyList<MetaQuestion> questions, List<ArmContents> models)
    {
        var (before, after) = (Accuracies(models[0]), Accuracies(models[^1]));
        var ranked = questions
            .Where(q => models.TrueForAll(m => Answer(m, q) is not null))
            .OrderBy(q => after.GetValueOrDefault(q.Id) - before.GetValueOrDefault(q.Id)).ThenBy(q => q.Id, StringComparer.Ordinal).ToList();
        return ranked.Count <= Shown
            ? ranked
            : [.. Enumerable.Range(0, Shown).Select(i => ranked[(int)Math.Round(i * (ranked.Count - 1) / (Shown - 1.0))])];
    }

    private static Html Example(MetaQuestion question, List<ArmContents> models, bool open)
    {
        var sides = models.Select(model => Side.Of(question, model)).ToList();
        return Html.Of($"""
            <details{(open ? Html.Of($" open=\"open\"") : Html.None)}><summary>{question.Text} <small>{string.Join(" → ", sides.Select(s => $"{s.Model} {s.Score}"))}</small></summary>
            <div class="sides">{sides.Select(s => s.Written())}</div>
            <div class="scroll"><table class="text">
            <caption>What the reader concluded from each answer alone: ✓ as it should be, ✗ wrong, – not stated (counts as wrong).</caption>
            <thead><tr><th></th><th>Statement</th><th>Is</th>{sides.Select(s => Html.Of($"<th>{s.Model}: verdict and sentence</th>"))}</tr></thead>
            <tbody>
            {question.Proxies.Select((proxy, i) => Html.Of($"""
                <tr><td>{i + 1}</td><td>{proxy.Statement}</td><td>{(proxy.Answer ? "true" : "false")}</td>{sides.Select(s => s.Cell(proxy))}</tr>

                """))}</tbody>
            </table></div>
            </details>

            """);
    }

    private static IReadOnlyDictionary<string, double> Accuracies(ArmContents model) => PerQuestion.Means(model.HeldOut, m => m.Accuracy);

    private static Response? Answer(ArmContents model, MetaQuestion question) =>
        model.Answers.FirstOrDefault(r => r.QuestionId == question.Id);

    /// <summary>The answer of one model to a question.</summary>
    private sealed record Side(string Model, MetaQuestion Question, Response Response, Dictionary<string, ProxyVerdict> Verdicts, double? Mean)
    {
        // Longer texts are cut for the page; the run folder has them whole.
        private const int MostText = 20_000;
        private const int MostQuote = 600;

        public string Score => Verdicts.Count == 0 ? "not read" : $"{ProxyCounts.Of(Question, [.. Verdicts.Values]).Correct} of {Question.Proxies.Count}";

        public static Side Of(MetaQuestion question, ArmContents model)
        {
            var response = Answer(model, question)!;
            var asked = question.Proxies.Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
            var verdicts = model.Verdicts.FirstOrDefault(v => v.ResponseId == response.Id)?.Verdicts ?? [];
            return new(
                model.Arm.Name, question, response,
                verdicts.Where(v => asked.Contains(v.ProxyId)).DistinctBy(v => v.ProxyId).ToDictionary(v => v.ProxyId, StringComparer.Ordinal),
                Accuracies(model).TryGetValue(question.Id, out var mean) ? mean : null);
        }

        public Html Written()
        {
            var quotes = Question.Proxies.Select((proxy, i) => (i + 1, Verdicts.GetValueOrDefault(proxy.Id)?.Quote ?? ""));
            return Html.Of($"""
                <div class="answer"><h4>{Model}: {Score} right, {Response.LengthTokens} tokens{(Response.Truncated ? ", cut at the token limit" : "")}</h4>
                <p class="written" dir="auto">{Passages.Of(Cut(Response.Text, MostText), quotes).Select(Marked)}</p>
                <p class="note">{(Mean is null ? "" : $"Mean accuracy of all its answers to this question: {Figures.Percent(Mean.Value)} %.")}</p></div>
                """);
        }

        public Html Cell(ProxyQuestion proxy) => Verdicts.GetValueOrDefault(proxy.Id) switch
        {
            null => Html.Of($"<td>–</td>"),
            { Verdict: Verdict.NotStated } => Html.Of($"""<td><span class="silent">– not stated</span></td>"""),
            var verdict => Html.Of($"""<td>{Judged(proxy, verdict)}{(verdict.Quote is null ? Html.None : Html.Of($"<br/><q>{Cut(verdict.Quote, MostQuote)}</q>"))}</td>"""),
        };

        private static Html Judged(ProxyQuestion proxy, ProxyVerdict verdict)
        {
            var said = verdict.Verdict == Verdict.True;
            return said == proxy.Answer
                ? Html.Of($"""<span class="right">✓ {(said ? "true" : "false")}</span>""")
                : Html.Of($"""<span class="wrong">✗ {(said ? "true" : "false")}</span>""");
        }

        private static Html Marked(Passage passage) => passage.Quotes.Count == 0
            ? Html.Of($"{passage.Text}")
            : Html.Of($"<mark>{passage.Text}</mark>{(passage.Ending.Count == 0 ? Html.None : Html.Of($"<sup>{string.Join(' ', passage.Ending)}</sup>"))}");

        private static string Cut(string text, int most) => text.Length <= most ? text : text[..most] + " … (cut here; the run folder has the whole text)";
    }
}

using ProxyReward.Questions;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Sections;

/// <summary>Held-out questions with the answers of the base and of the trained model, and what the reader found in them.</summary>
internal static class AnswerSection
{
    private const int Shown = 6;

    public static Section Of(RunContents run)
    {
        var models = new[] { run.Base, run.Last }.OfType<ArmContents>()
            .Where(arm => arm.Answers.Count > 0).Select(arm => new FirstAnswers(arm)).ToList();
        var examples = models.Count == 0 ? [] : Choose(run.Questions.HeldOut, models);
        return new(
            "Answers side by side",
            Html.Of($"""
                {examples.Count} held-out questions, spread evenly from the one that lost most to the one that gained most; of each the first answer that a model
                wrote, not its best. A number in an answer marks the sentence that the reader relied on for the statement of that number.
                """),
            examples.Count == 0
                ? Html.Of($"<p>No held-out question has been answered yet.</p>")
                : Html.Join(examples.Select((question, i) => Example(question, models, open: i == 0))));
    }

    // Evenly over the ranks of the gain, so that the page shows losses as well.
    private static List<MetaQuestion> Choose(IReadOnlyList<MetaQuestion> questions, List<FirstAnswers> models)
    {
        var ranked = questions
            .Where(q => models.TrueForAll(m => m.Has(q)))
            .OrderBy(q => models[^1].MeanAccuracy(q) - models[0].MeanAccuracy(q)).ThenBy(q => q.Id, StringComparer.Ordinal).ToList();
        return ranked.Count <= Shown
            ? ranked
            : [.. Enumerable.Range(0, Shown).Select(i => ranked[(int)Math.Round(i * (ranked.Count - 1) / (Shown - 1.0))])];
    }

    private static Html Example(MetaQuestion question, List<FirstAnswers> models, bool open)
    {
        var answers = models.Select(model => model.To(question)).ToList();
        return Html.Of($"""
            <details{(open ? Html.Of($" open=\"open\"") : Html.None)}>
            <summary>{question.Text} <small>{string.Join(" → ", answers.Select(a => $"{a.Model} {a.Score}"))}</small></summary>
            <div class="sides">{answers.Select(a => a.Written())}</div>
            <div class="scroll"><table class="text">
            <caption>What the reader concluded from each answer alone: ✓ as it should be, ✗ wrong, – not stated (counts as wrong).</caption>
            <thead><tr><th scope="col">No.</th><th scope="col">Statement</th><th scope="col">Is</th>{answers.Select(a => Html.Of($"""<th scope="col">{a.Model}: verdict and sentence</th>"""))}</tr></thead>
            <tbody>
            {question.Proxies.Select((proxy, i) => Html.Of($"""
                <tr><td>{i + 1}</td><td>{proxy.Statement}</td><td>{(proxy.Answer ? "true" : "false")}</td>{answers.Select(a => a.Cell(proxy))}</tr>

                """))}</tbody>
            </table></div>
            </details>

            """);
    }
}

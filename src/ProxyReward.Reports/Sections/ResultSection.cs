using ProxyReward.Evaluation;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Sections;

/// <summary>The table of all models and measures.</summary>
internal static class ResultSection
{
    public static Html Of(RunContents run)
    {
        var draws = Figures.Count(run.Recipe.Evaluation.BootstrapDraws);
        var rows = run.Arms.Where(arm => arm.Measures is not null).ToList();
        var (shown, empty) = (new List<Measure>(), new List<Measure>());
        foreach (var measure in Measure.All)
        {
            (rows.Exists(row => measure.Of(row.Measures!) is not null) ? shown : empty).Add(measure);
        }

        return Page.Section(
            "Results on held-out questions",
            Html.Of($"""
                Each model answers the same questions, {run.Recipe.Evaluation.Responses} times each, none of which it was trained on. Small numbers are
                95 % intervals: about where the mean would lie if other questions of the same kind had been drawn.
                """),
            rows.Count == 0 ? Html.Of($"<p>No model has been evaluated yet.</p>") : Html.Of($"""
                <div class="scroll"><table>
                <caption>Percent, but for length (tokens). Means over n questions; bootstrap over questions, {draws} draws.
                ↑ higher is better, ↓ lower is better.</caption>
                <thead><tr><th>Model</th><th>n</th>{shown.Select(Heading)}<th>Pairs</th></tr></thead>
                <tbody>
                {rows.Select(row => Row(row, shown))}</tbody>
                </table></div>
                {Glossary(shown)}{NotMeasured(empty)}{Paper}
                """));
    }

    private static Html Heading(Measure measure) => Html.Of($"""
        <th>{measure.Name} {measure.Aim}</th>{(HasDifference(measure) ? Html.Of($"<th>Difference ↑<small>points</small></th>") : Html.None)}
        """);

    private static Html Row(ArmContents arm, IEnumerable<Measure> measures) => Html.Of($"""
        <tr><th scope="row">{arm.Arm.Name}</th><td>{arm.Measures!.Accuracy?.N.ToString() ?? "–"}</td>
        {measures.Select(m => Html.Of($"{m.Cell(arm.Measures)}{Difference(m, arm.Outcome)}"))}
        <td>{arm.Outcome?.Pairs.ToString() ?? "–"}</td></tr>

        """);

    private static bool HasDifference(Measure measure) => measure.Name.StartsWith("Accuracy", StringComparison.Ordinal);

    private static Html Difference(Measure measure, ArmSummary? outcome)
    {
        if (!HasDifference(measure))
        {
            return Html.None;
        }

        var difference = measure.Name == "Accuracy" ? outcome?.DifferenceToBase.Accuracy : outcome?.DifferenceToBase.AccuracyAt120;
        return difference is null ? Html.Of($"<td>–</td>") : Html.Of($"""
            <td>{Figures.Points(difference.Mean)}<small>{Figures.Points(difference.Low)} to {Figures.Points(difference.High)}</small></td>
            """);
    }

    private static Html Glossary(IEnumerable<Measure> measures) => Html.Of($"""
        <dl>{measures.Select(m => Html.Of($"""
            <dt>{m.Name}</dt><dd>{m.Meaning} <span class="tag">{m.Whose}</span></dd>

            """))}<dt>Difference</dt><dd>model minus base on the same questions, with the interval of the paired differences <span class="tag">ours</span></dd>
        <dt>Pairs</dt><dd>pairs of a better and a worse answer that the model was trained on</dd>
        <dt>Control</dt><dd>one iteration from the same base answers for another reward: what the gain owes to the reward
        <span class="tag">judge: paper, others ours</span></dd></dl>
        """);

    private static Html NotMeasured(List<Measure> measures) => measures.Count == 0 ? Html.None : Html.Of($"""
        <p class="note">Not measured: {string.Join(", ", measures.Select(m => m.Name.ToLowerInvariant()))}. Contradictions and duplicates need a world
        whose truth is known; precision needs a reader that does not know the right verdicts.</p>
        """);

    private static Html Paper { get; } = Html.Of($"""
        <p class="note"><span class="tag">paper</span> For orientation, the paper's own accuracies on ProxyQA, other models and other questions: Qwen2.5-3B base
        27.00, judge reward 16.69, iteration 1 27.58, iteration 2 28.54; Qwen2.5-1.5B base 18.30, judge reward 12.88, iteration 1 22.10, iteration 2 21.54.</p>
        """);
}

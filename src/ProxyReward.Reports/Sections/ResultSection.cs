using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Runs;

namespace ProxyReward.Reports.Sections;

/// <summary>The table of all models and measures.</summary>
internal static class ResultSection
{
    public static Section Of(RunContents run)
    {
        var draws = Figures.Count(run.Recipe.Evaluation.BootstrapDraws);
        var rows = run.Arms.Where(arm => arm.Measures is not null).ToList();
        var (shown, empty) = (new List<Measure>(), new List<Measure>());
        foreach (var measure in Measure.All)
        {
            (rows.Exists(row => measure.Of(row.Measures!) is not null) ? shown : empty).Add(measure);
        }

        return new(
            "Results on held-out questions",
            Html.Of($"""
                Each model answers the same questions, {(run.Recipe.Evaluation.Responses == 1 ? "once" : $"{run.Recipe.Evaluation.Responses} times")} each. {Apart(run.Questions)} Small numbers are
                95 % intervals: about where the mean would lie if other questions of the same kind had been drawn.
                """),
            rows.Count == 0 ? Html.Of($"<p>No model has been evaluated yet.</p>") : Html.Of($"""
                <div class="scroll"><table>
                <caption>Percent, but for length (tokens). Means over n questions; bootstrap over questions, {draws} draws.
                ↑ higher is better, ↓ lower is better.</caption>
                <thead><tr><th scope="col">Model</th><th scope="col">n</th>{shown.Select(Heading)}<th scope="col">Pairs</th></tr></thead>
                <tbody>
                {rows.Select(row => Row(row, shown))}</tbody>
                </table></div>
                {Choices(run)}{Glossary(run, shown)}{NotMeasured(empty)}{Paper}
                """));
    }

    private static Html Heading(Measure measure) => Html.Of($"""
        <th scope="col">{measure.Name} {measure.Aim}</th>{(measure.Difference is null ? Html.None : Html.Of($"""<th scope="col">Difference ↑<small>points</small></th>"""))}
        """);

    private static Html Row(ArmContents arm, IEnumerable<Measure> measures) => Html.Of($"""
        <tr><th scope="row">{arm.Arm.Name}</th><td>{arm.Measures!.Accuracy?.N.ToString() ?? "–"}</td>
        {measures.Select(m => Html.Of($"{m.Cell(arm.Measures)}{Difference(m, arm.Outcome)}"))}
        <td>{arm.Outcome?.Pairs.ToString() ?? "–"}</td></tr>

        """);

    private static Html Difference(Measure measure, ArmSummary? outcome)
    {
        if (measure.Difference is not { } of)
        {
            return Html.None;
        }

        var difference = outcome is null ? null : of(outcome.DifferenceToBase);
        return difference is null ? Html.Of($"<td>–</td>") : Html.Of($"""
            <td>{Figures.Points(difference.Mean)}<small>{Figures.Points(difference.Low)} to {Figures.Points(difference.High)}</small></td>
            """);
    }

    private static Html Glossary(RunContents run, IEnumerable<Measure> measures) => Html.Of($"""
        <dl>{measures.Select(m => Html.Of($"""
            <dt>{m.Name}</dt><dd>{m.Meaning} <span class="tag">{m.Whose}</span></dd>

            """))}<dt>Difference</dt><dd>model minus base on the same questions, with the interval of the paired differences <span class="tag">ours</span></dd>
        <dt>Pairs</dt><dd>pairs of a better and a worse answer that the model was trained on</dd>
        {run.Recipe.Controls.Select(control => Html.Of($"""
            <dt>{Arm.Control(control).Name}</dt><dd>{Meaning(control, run.Recipe)} <span class="tag">{(control == ControlKind.Judge ? "paper" : "ours")}</span></dd>

            """))}</dl>
        """);

    private static string Meaning(ControlKind control, Recipe recipe) => control switch
    {
        ControlKind.Temperature => FormattableString.Invariant($"the base itself, untrained, sampled at temperature {recipe.Evaluation.ControlTemperature}: what sampling colder does alone"),
        ControlKind.TrainedTemperature => FormattableString.Invariant($"iteration 1, sampled at temperature {recipe.Evaluation.ControlTemperature} as well: what training does where both are sampled colder"),
        _ => $"one iteration from the same base answers for another reward, {RecipeFile.Spell(control)}: what the gain owes to the reward",
    };

    // Ids are what keeps the sets apart; that questions are alike without them is for the warnings.
    private static string Apart(QuestionSplits questions) =>
        questions.Train.Select(q => q.Id).Intersect(questions.HeldOut.Select(q => q.Id), StringComparer.Ordinal).Count() is var shared and > 0
            ? $"Of their ids {shared} are those of questions it was trained on."
            : "None of them has the id of a question it was trained on; that alone is checked here.";

    private static Html Choices(RunContents run)
    {
        var choices = run.Iterations.Where(arm => arm.Choice is not null).ToList();
        return choices.Count == 0 ? Html.None : Html.Of($"""
            <p class="note">After each iteration the loop went on with the better model on the {run.Questions.Dev.Count} dev questions <span class="tag">ours</span>:
            {string.Join("; ", choices.Select(arm => $"{arm.Arm.Name}: {Figures.Percent(arm.Choice!.Accuracy)} %, {Figures.Percent(arm.Choice.StartAccuracy)} % before it, {arm.Choice.Kept} is kept"))}.</p>
            """);
    }

    private static Html NotMeasured(List<Measure> measures) => measures.Count == 0 ? Html.None : Html.Of($"""
        <p class="note">Not measured: {string.Join(", ", measures.Select(m => m.Name.ToLowerInvariant()))}. Contradictions and duplicates need a world
        whose truth is known; precision needs a reader that does not know the right verdicts.</p>
        """);

    private static Html Paper { get; } = Html.Of($"""
        <p class="note"><span class="tag">paper</span> For orientation, the paper's own accuracies on ProxyQA, other models and other questions: Qwen2.5-3B base
        27.00, judge reward 16.69, iteration 1 27.58, iteration 2 28.54; Qwen2.5-1.5B base 18.30, judge reward 12.88, iteration 1 22.10, iteration 2 21.54.</p>
        """);
}

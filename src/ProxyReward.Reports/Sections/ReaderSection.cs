using ProxyReward.Recipes;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Verdicts;

namespace ProxyReward.Reports.Sections;

/// <summary>Who read the answers, and how often it was not taken at its word.</summary>
internal static class ReaderSection
{
    public static Section Of(RunContents run)
    {
        var rows = run.Iterations.Select(arm => (Name: $"training answers for {arm.Arm.Name}", Read: arm.TrainingVerdicts))
            .Concat(run.Arms.Select(arm => (Name: $"held-out answers of {arm.Arm.Name}", Read: arm.Verdicts)))
            .Where(row => row.Read.Count > 0).ToList();
        return new(
            "The reader",
            Html.Of($"""
                A reader that sees an answer and nothing else says of each statement whether it holds, or that the answer does not state it, which counts as wrong.
                Its word is not taken where the sentence that it quotes is not in the answer, or where no attempt made its reply understandable: that counts as not stated, too.
                """),
            Html.Of($"""
                <dl>
                <dt>Training answers</dt><dd>{Reader(run.Recipe.TrainingReader, run.Recipe.Questions.Train)}</dd>
                <dt>Held-out answers</dt><dd>{Reader(run.Recipe.EvaluationReader, run.Recipe.Questions.HeldOut)}</dd></dl>
                {(rows.Count == 0 ? Html.Of($"<p>No answer has been read yet.</p>") : Table(rows))}
                """));
    }

    private static string Reader(ReaderChoice choice, string questions) => RecipeFile.Spell(choice.Kind) + (choice switch
    {
        { Kind: ReaderKind.Evidence } => $", which looks for the evidence that {questions} gives",
        { Options.Model: { } model } => $", {model}",
        _ => "",
    });

    private static Html Table(IEnumerable<(string Name, IReadOnlyList<ResponseVerdicts> Read)> rows) => Html.Of($"""
        <div class="scroll"><table>
        <caption>Verdicts; those that were not taken are among the not stated ones.</caption>
        <thead><tr><th scope="col">Read</th><th scope="col">Answers</th><th scope="col">Verdicts</th><th scope="col">Not stated</th><th scope="col">Quote not in the answer</th><th scope="col">Reply not understood</th></tr></thead>
        <tbody>
        {rows.Select(row => Row(row.Name, row.Read.Count, [.. row.Read.SelectMany(answer => answer.Verdicts)]))}</tbody>
        </table></div>
        """);

    private static Html Row(string name, int answers, IReadOnlyList<ProxyVerdict> verdicts) => Html.Of($"""
        <tr><th scope="row">{name}</th><td>{answers}</td><td>{verdicts.Count}</td><td>{verdicts.Count(v => v.Verdict == Verdict.NotStated)}</td><td>{verdicts.Count(v => v.Failure == ReadingFailure.Quote)}</td><td>{verdicts.Count(v => v.Failure == ReadingFailure.Reply)}</td></tr>

        """);
}

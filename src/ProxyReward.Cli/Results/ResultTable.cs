using System.Text;
using ProxyReward.Evaluation;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Results;

/// <summary>The numbers of a run as a table of plain text, the same on a terminal and in a file.</summary>
internal static class ResultTable
{
    private static readonly string[] Header =
        ["", "accuracy [95 %]", "difference to base", "at 120 tokens", "contradicted", "duplicates", "repetition", "tokens", "truncated", "pairs"];

    public static string Of(RunSummary summary)
    {
        List<string[]> rows =
        [
            Header,
            Row("base", summary.Base, null),
            .. summary.Iterations.Select(arm => Row($"iteration {arm.Iteration}", arm, arm)),
            .. summary.Controls.Select(control => Row($"control {control.Key}", control.Value, control.Value)),
        ];
        var text = new StringBuilder($"{summary.Name}, seed {summary.Seed}: {summary.Questions.HeldOut} held-out questions; means in % (tokens apart), differences in points, with 95 % intervals over questions\n\n");
        text.Append(TextTable.Of(rows));
        foreach (var kind in summary.Signatures.GroupBy(signature => signature.Name, StringComparer.Ordinal))
        {
            foreach (var signature in kind)
            {
                text.Append($"\nwarning  {signature.Name}: {signature.Detail}");
            }

            foreach (var mend in kind.Select(signature => signature.Mend).OfType<string>().Distinct(StringComparer.Ordinal))
            {
                text.Append($"\nmend     {mend}");
            }
        }

        return text.Append(summary.Signatures.Count > 0 ? "\n" : "").ToString();
    }

    private static string[] Row(string name, MeasureTable table, ArmSummary? arm) =>
    [
        name,
        Interval(table.Accuracy),
        arm is null ? "" : DifferenceTable.Points(arm.DifferenceToBase.Accuracy),
        Percent(table.AccuracyAt120),
        Percent(table.Contradicted),
        Percent(table.Duplicates),
        Percent(table.Repetition),
        $"{table.LengthTokens?.Mean:F0}",
        Percent(table.Truncated),
        $"{arm?.Pairs}",
    ];

    private static string Interval(Estimate? estimate) =>
        estimate is null ? "–" : $"{estimate.Mean * 100:F1} [{estimate.Low * 100:F1}, {estimate.High * 100:F1}]";

    private static string Percent(Estimate? estimate) => estimate is null ? "–" : $"{estimate.Mean * 100:F1}";
}

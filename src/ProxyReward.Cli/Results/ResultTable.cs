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
        var text = new StringBuilder($"{summary.Name}, seed {summary.Seed}: {summary.Questions.HeldOut} held-out questions; means in % (tokens apart) with 95 % intervals over questions\n\n");
        text.Append(TextTable.Of(rows));
        foreach (var signature in summary.Signatures)
        {
            text.Append($"\nwarning  {signature.Name}: {signature.Detail}");
        }

        return text.Append(summary.Signatures.Count > 0 ? "\n" : "").ToString();
    }

    private static string[] Row(string name, MeasureTable table, ArmSummary? arm) =>
    [
        name,
        Interval(table.Accuracy),
        arm is null ? "" : $"{arm.DifferenceToBase.Accuracy.Mean * 100:+0.0;-0.0;0.0} [{arm.DifferenceToBase.Accuracy.Low * 100:+0.0;-0.0;0.0}, {arm.DifferenceToBase.Accuracy.High * 100:+0.0;-0.0;0.0}]",
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

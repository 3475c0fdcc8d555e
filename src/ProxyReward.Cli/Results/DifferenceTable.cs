using ProxyReward.Evaluation;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Results;

/// <summary>Paired differences of one or several runs, as Markdown.</summary>
internal static class DifferenceTable
{
    /// <summary>A column for each run; a pooled one where there are several.</summary>
    /// <param name="differences">At least one.</param>
    /// <param name="runs">The folders, as they were named.</param>
    public static string Of(IReadOnlyList<ArmDifference> differences, IReadOnlyList<string> runs)
    {
        var isPooled = runs.Count > 1;
        string[] columns = [.. Short(runs), .. isPooled ? ["pooled"] : Array.Empty<string>()];
        var lines = new List<string>
        {
            "Paired differences in points, [95 % interval] over n held-out questions"
                + (isPooled ? "; pooled: bootstrap over runs, then questions (those that all runs share are drawn and counted once)." : "."),
            "",
            $"| difference | measure | {string.Join(" | ", columns)} |",
            $"|---|---|{string.Concat(columns.Select(_ => "---|"))}",
        };
        lines.AddRange(differences.Select(d =>
        {
            string[] cells = isPooled ? [.. d.PerRun.Select(Points), WithN(d.Pooled)] : [WithN(d.PerRun[0])];
            return $"| {d.Left} − {d.Right} | {d.Measure} | {string.Join(" | ", cells)} |";
        }));
        return string.Join('\n', lines);
    }

    /// <summary><c>+1.5 [-0.4, +3.2]</c>.</summary>
    public static string Points(Estimate e) => FormattableString.Invariant($"{e.Mean * 100:+0.0;-0.0;0.0} [{e.Low * 100:+0.0;-0.0;0.0}, {e.High * 100:+0.0;-0.0;0.0}]");

    private static string WithN(Estimate e) => $"{Points(e)} (n {e.N})";

    // The folder's own name, unless two runs share it (a/run and b/run).
    private static IReadOnlyList<string> Short(IReadOnlyList<string> runs)
    {
        var names = runs.Select(run => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run)))).ToList();
        return names.Distinct(StringComparer.Ordinal).Count() == names.Count ? names : runs;
    }
}

using System.CommandLine;
using ProxyReward.Evaluation;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands;

/// <summary><c>compare RUN…</c>: what several seeds of one recipe say together.</summary>
internal static class CompareCommand
{
    public static Command Create(Terminal terminal)
    {
        var folders = new Argument<string[]>("runs") { Description = "Finished run folders of one recipe and different seeds", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "Prints JSON instead of the table" };
        var command = new Command("compare", "Paired differences between the arms of several runs, per run and pooled") { folders, json };
        command.SetAction(parsed =>
        {
            var names = parsed.GetRequiredValue(folders);
            var differences = RunComparison.Of([.. names.Select(name => new RunFolder(ReportCommand.ExistingRun(name)))]);
            terminal.Output.WriteLine(parsed.GetValue(json)
                ? System.Text.Json.JsonSerializer.Serialize(differences, Json.Indented)
                : Table(differences, names));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Table(IReadOnlyList<ArmDifference> differences, string[] names)
    {
        var lines = new List<string>
        {
            "Paired differences in points, [95 % interval] over questions; pooled: two-level bootstrap over runs, then questions.",
            "",
            $"| difference | measure | {string.Join(" | ", names.Select(name => Path.GetFileName(Path.TrimEndingDirectorySeparator(name))))} | pooled |",
            $"|---|---|{string.Concat(names.Select(_ => "---|"))}---|",
        };
        lines.AddRange(differences.Select(d =>
            $"| {d.Left} − {d.Right} | {d.Measure} | {string.Join(" | ", d.PerRun.Select(Points))} | {Points(d.Pooled)} (n {d.Pooled.N}) |"));
        return string.Join('\n', lines);
    }

    private static string Points(Estimate e) => $"{e.Mean * 100:+0.0;−0.0;0.0} [{e.Low * 100:+0.0;−0.0;0.0}, {e.High * 100:+0.0;−0.0;0.0}]";
}

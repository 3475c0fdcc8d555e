using System.CommandLine;
using System.Text.Json;
using ProxyReward.Cli.Results;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands;

/// <summary><c>compare RUN…</c>: what several seeds of one recipe say together.</summary>
internal static class CompareCommand
{
    public static Command Create(Terminal terminal)
    {
        var folders = new Argument<string[]>("runs") { Description = "Finished run folders of one recipe and different seeds", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "Prints the differences as JSON (shares of 0–1) instead of the table" };
        var command = new Command("compare", "Paired differences between the arms of several runs, per run and pooled") { folders, json };
        command.SetAction(parsed =>
        {
            var names = parsed.GetRequiredValue(folders);
            var differences = RunComparison.Of([.. names.Select(name => new RunFolder(ReportCommand.ExistingRun(name)))]);
            terminal.Output.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(differences, Json.Indented)
                : DifferenceTable.Of(differences, names));
            return ExitCode.Done;
        });
        return command;
    }
}

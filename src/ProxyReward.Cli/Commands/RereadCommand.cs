using System.CommandLine;
using ProxyReward.Recipes;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands;

/// <summary><c>reread RUN</c>: a finished run's held-out responses, read by another reader or for other proxies, in a folder of its own.</summary>
internal static class RereadCommand
{
    public static Command Create(Composition composition, Func<string, string> writeReport, Terminal terminal)
    {
        var source = new Argument<string>("run") { Description = "The folder of a finished run, for example runs/pocket" };
        var folder = new Option<string>("--out") { Description = "The folder that gets the rereading; report and compare take it like a run", Required = true };
        var overrides = new Option<string[]>("--set")
        {
            Description = "What is read otherwise: evaluation.reader=…, evaluation.reading.…, or questions.held_out=… (the same questions with other proxies or evidence); may be given several times",
            Required = true,
        };
        var json = new Option<bool>("--json") { Description = "Prints summary.json instead of the table" };
        var command = new Command("reread", "Reads a finished run's held-out responses again, otherwise; writes and trains nothing anew") { source, folder, overrides, json, DeviceOption.Create() };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var from = ReportCommand.ExistingRun(parsed.GetRequiredValue(source));
            var recipe = RecipeFile.Load(Path.Combine(from, Run.RecipeName), parsed.GetRequiredValue(overrides));
            var reading = new RunSession(composition, terminal, recipe, from, parsed.GetRequiredValue(folder));
            await reading.RereadAsync(new RunFolder(from), cancellationToken);
            await RunCommand.PrintAsync(reading, parsed.GetValue(json), writeReport, terminal);
            return ExitCode.Done;
        });
        return command;
    }
}

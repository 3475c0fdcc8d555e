using System.CommandLine;

namespace ProxyReward.Cli.Commands;

/// <summary><c>report RUN</c>: report.html from what a run folder holds, finished or not.</summary>
internal static class ReportCommand
{
    public static Command Create(Func<string, string> write, Terminal terminal)
    {
        var folder = new Argument<string>("run") { Description = "A run folder, for example runs/pocket" };
        var command = new Command("report", "Writes report.html from what a run folder holds") { folder };
        command.SetAction(parsed =>
        {
            terminal.Output.WriteLine(write(ExistingRun(parsed.GetRequiredValue(folder))));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>A folder that holds a run.</summary>
    /// <exception cref="RequestException">It does not.</exception>
    public static string ExistingRun(string folder) => File.Exists(Path.Combine(folder, Runs.Run.RecipeName)) ? folder
        : File.Exists(folder) ? throw new RequestException($"{folder}: is a file; name a run folder, for example runs/pocket.")
        : throw new RequestException($"{folder}: there is no run in this folder. Begin one with `run RECIPE --out {folder}`.");
}

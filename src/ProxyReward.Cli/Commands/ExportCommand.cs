using System.CommandLine;
using ProxyReward.Runs;
using ProxyReward.Training;

namespace ProxyReward.Cli.Commands;

/// <summary><c>export RUN</c>: the preference pairs of a run for other programs, or all its artefacts as Parquet.</summary>
internal static class ExportCommand
{
    private const string Parquet = "parquet";

    private static readonly Dictionary<string, PreferenceFormat> Formats = new(StringComparer.Ordinal)
    {
        ["trl"] = PreferenceFormat.Trl,
        ["llama-factory"] = PreferenceFormat.LlamaFactory,
        ["openai"] = PreferenceFormat.OpenAI,
    };

    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("run") { Description = "A run folder, for example runs/pocket" };
        var format = new Option<string>("--format") { Description = "The program that is to read the pairs; or parquet: every artefact of the run, a table each", Required = true };
        format.AcceptOnlyFromAmong([.. Formats.Keys, Parquet]);
        var target = new Option<string>("--out") { Description = "The JSONL file, outside of the run folder; for parquet a folder. What is there is written anew", Required = true };
        var iteration = NumberOption.Create("--iteration", "The pairs of one iteration only; the first is 1", 1, 100);
        var command = new Command("export", "Writes the preference pairs of a run as JSONL for TRL, LLaMA-Factory or OpenAI, or its artefacts as Parquet") { folder, format, target, iteration };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetRequiredValue(format) == Parquet)
            {
                return await TablesAsync(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(target), parsed.GetValue(iteration), terminal, cancellationToken);
            }

            var pairs = RunPairs.Of(new RunFolder(ReportCommand.ExistingRun(parsed.GetRequiredValue(folder))), parsed.GetValue(iteration));
            var file = Path.GetFullPath(parsed.GetRequiredValue(target));
            OutPath.PrepareFile("--out", parsed.GetRequiredValue(target));
            Jsonl.Write(new RunFolder(Path.GetDirectoryName(file)!), Path.GetFileName(file), pairs.Select(pair => PreferenceLine.Of(pair, Formats[parsed.GetRequiredValue(format)])));
            terminal.Error.WriteLine($"{pairs.Count} pairs");
            terminal.Output.WriteLine(parsed.GetRequiredValue(target));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<int> TablesAsync(string run, string target, int? iteration, Terminal terminal, CancellationToken cancellationToken)
    {
        if (iteration is not null)
        {
            throw new RequestException("--iteration: parquet writes the artefacts of all iterations; leave it out.");
        }

        foreach (var (name, rows) in await RunParquet.WriteAsync(ReportCommand.ExistingRun(run), target, cancellationToken))
        {
            terminal.Error.WriteLine($"{name}: {rows} rows");
        }

        terminal.Output.WriteLine(target);
        return ExitCode.Done;
    }
}

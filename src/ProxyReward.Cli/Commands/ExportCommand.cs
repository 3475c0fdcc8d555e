using System.CommandLine;
using ProxyReward.Runs;
using ProxyReward.Training;

namespace ProxyReward.Cli.Commands;

/// <summary><c>export RUN</c>: the preference pairs of a run for other programs, with the settings to train on them, or all its artefacts as Parquet.</summary>
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
        var target = new Option<string>("--out") { Description = "The JSONL file, outside of the run folder, and beside it the settings for trl or llama-factory; for parquet a folder. What is there is written anew", Required = true };
        var iteration = NumberOption.Create("--iteration", "The pairs of one iteration only; the first is 1", 1, 100);
        var overrides = new Option<string[]>("--set")
        {
            Description = "Lets the settings differ from the run's recipe: dpo.…, seed, or model; may be given several times",
            DefaultValueFactory = _ => [],
        };
        var command = new Command("export", "Writes the preference pairs of a run as JSONL for TRL, LLaMA-Factory or OpenAI, with settings for the first two, or its artefacts as Parquet")
        {
            folder, format, target, iteration, overrides,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (name, sets) = (parsed.GetRequiredValue(format), parsed.GetRequiredValue(overrides));
            if (sets.Length > 0 && name is not ("trl" or "llama-factory"))
            {
                throw new RequestException($"--set: no settings are written for {name}. Leave it out.");
            }

            if (name == Parquet)
            {
                return await TablesAsync(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(target), parsed.GetValue(iteration), terminal, cancellationToken);
            }

            var run = new RunFolder(ReportCommand.ExistingRun(parsed.GetRequiredValue(folder)));
            var pairs = RunPairs.Of(run, parsed.GetValue(iteration));
            var file = Path.GetFullPath(parsed.GetRequiredValue(target));
            var settings = ExportedSettings.Of(run, Formats[name], sets, parsed.GetValue(iteration), file, pairs.Count);
            OutPath.PrepareFile("--out", parsed.GetRequiredValue(target));
            var beside = new RunFolder(Path.GetDirectoryName(file)!);
            Jsonl.Write(beside, Path.GetFileName(file), pairs.Select(pair => PreferenceLine.Of(pair, Formats[name])));
            terminal.Error.WriteLine($"{pairs.Count} pairs");
            settings?.Write(beside, terminal.Error);
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

using System.CommandLine;
using ProxyReward.Cli.Results;
using ProxyReward.Recipes;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands;

/// <summary><c>run RECIPE</c>: the whole loop.</summary>
internal static class RunCommand
{
    /// <summary>The run folder of a recipe where none is named.</summary>
    public static string FolderOf(Recipe recipe) => Path.Combine("runs", recipe.Name);

    public static Command Create(Composition composition, Func<string, string> writeReport, Terminal terminal)
    {
        var recipe = new Argument<string>("recipe") { Description = "A recipe, for example recipes/pocket.yaml" };
        var folder = new Option<string?>("--out") { Description = "The run folder; runs/NAME by default, with the recipe's name" };
        var overrides = new Option<string[]>("--set")
        {
            Description = "Overrides a key of the recipe, for example --set responses.k=16; may be given several times",
            DefaultValueFactory = _ => [],
        };
        var json = new Option<bool>("--json") { Description = "Prints summary.json instead of the table" };
        var command = new Command("run", "Runs a recipe from wherever its run folder stands to the end") { recipe, folder, overrides, json, DeviceOption.Create() };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(recipe);
            var asked = RecipeFile.Load(path, parsed.GetRequiredValue(overrides));
            var run = new RunSession(composition, terminal, asked, Path.GetDirectoryName(Path.GetFullPath(path))!, parsed.GetValue(folder) ?? FolderOf(asked));
            await run.GoAsync(until: null, cancellationToken);
            await PrintAsync(run, parsed.GetValue(json), writeReport, terminal);
            if (!parsed.GetValue(json))
            {
                await terminal.Output.WriteLineAsync($"next     {NextCommand.After(run.Summary(), asked, path, parsed.GetRequiredValue(overrides), run.Folder)}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Prints the numbers of a finished run: summary.json, or the table and where its report is.</summary>
    public static async Task PrintAsync(RunSession run, bool asJson, Func<string, string> writeReport, Terminal terminal)
    {
        var report = writeReport(run.Folder);
        await terminal.Output.WriteAsync(asJson
            ? File.ReadAllText(Path.Combine(run.Folder, RunSummary.FileName))
            : $"{ResultTable.Of(run.Summary())}\nreport   {report}\n");
    }
}

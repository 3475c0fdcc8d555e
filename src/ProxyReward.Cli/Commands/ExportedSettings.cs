using System.Text;
using System.Text.Json.Nodes;
using ProxyReward.Cli.Results;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Recipes;
using ProxyReward.Runs;
using ProxyReward.Runs.Handovers;
using ProxyReward.Training;

namespace ProxyReward.Cli.Commands;

/// <summary>What <c>export</c> writes beside the pairs, so that the other program trains as the recipe says.</summary>
/// <param name="Name">The file of settings.</param>
/// <param name="Text">What it says.</param>
/// <param name="DataSets">LLaMA-Factory's list of data sets; null: none is wanted.</param>
/// <param name="Command">What trains with it.</param>
internal sealed record ExportedSettings(string Name, string Text, JsonObject? DataSets, string Command)
{
    private static readonly string[] Keys = ["model", "seed", "dpo"];

    /// <summary>The settings for a program, before anything is written; null where it takes none.</summary>
    /// <param name="run">The run.</param>
    /// <param name="format">The program.</param>
    /// <param name="overrides">What differs from the run's recipe.</param>
    /// <param name="iteration">1-based; null: all.</param>
    /// <param name="pairs">The file of pairs, with its folder.</param>
    /// <param name="count">Pairs in it.</param>
    /// <exception cref="RequestException">The program cannot train so, or cannot load the model.</exception>
    public static ExportedSettings? Of(RunFolder run, PreferenceFormat format, IReadOnlyList<string> overrides, int? iteration, string pairs, int count)
    {
        if (format is not (PreferenceFormat.Trl or PreferenceFormat.LlamaFactory))
        {
            return null;
        }

        if (overrides.FirstOrDefault(text => !Keys.Contains(text.Split('=')[0].Split('.')[0].Trim(), StringComparer.Ordinal)) is { } other)
        {
            throw new RequestException($"--set {other}: the pairs are made already, so that only model, seed and dpo.… can differ here.");
        }

        var recipe = RecipeFile.Load(run.PathOf(Run.RecipeName), overrides);
        var handover = Handover.Of(run, recipe, iteration, ModelOf(recipe, run), pairs, count);
        var list = Path.Combine(Path.GetDirectoryName(pairs)!, LlamaFactorySettings.DataSetsName);
        return format == PreferenceFormat.Trl
            ? new($"{handover.Stem}.trl.yaml", TrlSettings.Write(handover), null, "trl dpo --config")
            : new(
                $"{handover.Stem}.llama-factory.yaml",
                LlamaFactorySettings.Write(handover),
                LlamaFactorySettings.DataSets(File.Exists(list) ? File.ReadAllText(list) : null, handover, list),
                "llamafactory-cli train");
    }

    /// <summary>Writes them, and says what to run next.</summary>
    public void Write(RunFolder beside, TextWriter said)
    {
        if (DataSets is not null)
        {
            JsonFile.Write(beside, LlamaFactorySettings.DataSetsName, DataSets);
        }

        beside.Write(Name, Encoding.UTF8.GetBytes(Text));
        said.WriteLine($"settings {beside.PathOf(Name)}");
        said.WriteLine($"next     cd {ShellWord.Quote(beside.PathOf(""))} && {Command} {ShellWord.Quote(Name)}");
    }

    // A path goes first, as in a run; what is nowhere on this machine may still be on the Hub.
    private static HandoverModel ModelOf(Recipe recipe, RunFolder run)
    {
        var found = RecipeFile.Find(recipe.Model, run.PathOf(""));
        if (found is null && recipe.Model.Contains('/') && HubModel.TryParse(recipe.Model) is { } hub)
        {
            return new(hub.Id, hub.Revision);
        }

        var path = found ?? RecipeFile.Locate(recipe.Model, run.PathOf(""), "model");
        return File.Exists(Path.Combine(path, "config.json"))
            ? new(path, null)
            : throw new RequestException(
                $"model: {path} is no Hugging Face folder, which the other program wants. Name one, or owner/name on the Hub, with --set model=…; `models convert` makes a folder of a GGUF.");
    }
}

using System.CommandLine;
using ProxyReward.Cli.Results;
using ProxyReward.Recipes;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands;

/// <summary>The stages one by one: each does the next one of its kind that a run lacks, and what that needs.</summary>
internal static class StageCommands
{
    private static readonly (Stage Stage, string Description)[] Verbs =
    [
        (Stage.Respond, "Writes the next responses that a run lacks, then stops"),
        (Stage.Score, "Turns the next verdicts into rewards, then stops"),
        (Stage.Pair, "Makes the next preference pairs, then stops; prints what each rule removed and what each strategy pairs"),
        (Stage.Evaluate, "Evaluates the next model on the held-out questions, then stops"),
    ];

    public static IEnumerable<Command> Create(Composition composition, Terminal terminal) =>
        Verbs.Select(verb => Create(composition, terminal, verb.Stage, verb.Description));

    private static Command Create(Composition composition, Terminal terminal, Stage stage, string description)
    {
        var folder = new Argument<string>("run") { Description = "A run folder, for example runs/pocket" };
        var command = new Command(RecipeFile.Spell(stage), description) { folder, DeviceOption.Create() };
        command.SetAction((parsed, cancellationToken) => GoAsync(composition, terminal, parsed.GetRequiredValue(folder), stage, cancellationToken));
        return command;
    }

    /// <summary>Does the next stage of a kind that a run lacks.</summary>
    public static async Task<int> GoAsync(Composition composition, Terminal terminal, string folder, Stage stage, CancellationToken cancellationToken)
    {
        var path = ReportCommand.ExistingRun(folder);
        var recipe = RecipeFile.Load(Path.Combine(path, Run.RecipeName));
        var done = await new RunSession(composition, terminal, recipe, path, path).GoAsync(stage, cancellationToken);
        await terminal.Output.WriteLineAsync(done is null
            ? $"{path}: nothing is left to {RecipeFile.Spell(stage)}"
            : $"{path}: {done.Arm.Name}: {RecipeFile.Spell(stage)} done");
        if (stage == Stage.Pair)
        {
            await terminal.Output.WriteAsync(Tables(new RunFolder(path), recipe, done?.Arm));
        }

        return ExitCode.Done;
    }

    // Of the model whose pairs were made just now; where nothing was left to do, of all.
    private static string Tables(RunFolder run, Recipe recipe, Arm? made) => string.Concat(
        Arm.AllOf(recipe).Where(arm => made is null ? run.Exists(arm.File("pairs.jsonl")) : arm == made).Select(arm => $"\n{PairTable.Of(run, arm)}"));
}

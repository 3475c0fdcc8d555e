using System.CommandLine;
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
        (Stage.Pair, "Makes the next preference pairs, then stops"),
        (Stage.Train, "Trains the next model, then stops"),
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
        return ExitCode.Done;
    }
}

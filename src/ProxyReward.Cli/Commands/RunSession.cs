using ProxyReward.Cli.Plans;
using ProxyReward.Recipes;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands;

/// <summary>A run folder while a command works on it.</summary>
internal sealed class RunSession(Composition composition, Terminal terminal, Recipe recipe, string recipeFolder, string folder)
{
    // Long enough for a process that is just ending, short enough for a person who waits.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public string Folder => folder;

    /// <summary>Does what is missing: everything, or up to and with the next stage of a kind.</summary>
    /// <returns>The stage it stopped after; null if there was none of that kind left to do.</returns>
    public async Task<StageDone?> GoAsync(Stage? until, CancellationToken cancellationToken)
    {
        var preflight = new Preflight(composition, recipe, recipeFolder, terminal);
        if (!File.Exists(Path.Combine(folder, Run.RecipeName)))
        {
            preflight.Require(preflight.Lines(composition.RoomFor(folder)));
        }
        else if (until is null && !File.Exists(Path.Combine(folder, RunSummary.FileName)))
        {
            preflight.Require(preflight.Asked()); // a run that has begun has its questions, and finds its room as it goes
        }

        var parts = composition.Of(recipe, recipeFolder, folder, terminal);
        using var held = await RunLock.TakeAsync(folder, Patience, cancellationToken);
        await using var progress = terminal.OpenProgress();
        using var run = Run.Open(recipe, parts, new RunFolder(folder), progress);
        await foreach (var done in new IterationRunner(run).RunAsync(cancellationToken))
        {
            if (done.Worked && done.Stage == until)
            {
                return done;
            }
        }

        return null;
    }

    /// <summary>Reads the held-out responses of a finished run in a folder of their own.</summary>
    /// <param name="from">The finished run.</param>
    public async Task RereadAsync(IRunStore from, CancellationToken cancellationToken)
    {
        var parts = composition.Of(recipe, recipeFolder, folder, terminal);
        using var held = await RunLock.TakeAsync(folder, Patience, cancellationToken);
        await using var progress = terminal.OpenProgress();
        parts.Readers(recipe.EvaluationReader); // opened before the folder begins: one that cannot be leaves nothing to clear away
        Rereading.Begin(from, recipe, () => parts.Questions().HeldOut, new RunFolder(folder));
        using var run = Run.Open(recipe, parts, new RunFolder(folder), progress);
        await Rereading.ReadAsync(run, cancellationToken);
    }

    /// <summary>The numbers of a run that is finished.</summary>
    public RunSummary Summary() => JsonFile.Read<RunSummary>(new RunFolder(folder), RunSummary.FileName);
}

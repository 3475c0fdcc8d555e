using ProxyReward.Recipes;
using ProxyReward.Runs.Stages;
using ProxyReward.Training;

namespace ProxyReward.Runs.Handovers;

/// <summary>A training of a run that another program is to do, for models that are too large for this one.</summary>
/// <param name="Run">The recipe's name.</param>
/// <param name="Model">Where it starts.</param>
/// <param name="Dpo">How it trains, with the seed.</param>
/// <param name="Pairs">The file of pairs; the settings lie beside it.</param>
/// <param name="Count">Pairs in it.</param>
/// <param name="Caution">What a reader of the settings must know of these pairs; null: nothing.</param>
public sealed record Handover(string Run, HandoverModel Model, DpoOptions Dpo, string Pairs, int Count, string? Caution)
{
    /// <summary>The file of pairs without its extension, from which other names are made.</summary>
    public string Stem => Path.GetFileNameWithoutExtension(Pairs);

    /// <summary>
    /// Steps in which the learning rate climbs, as one process takes them: a number of steps is what every version of transformers understands,
    /// where a share of them is warmup_ratio to the older and warmup_steps to the newer.
    /// </summary>
    public int WarmupSteps => Dpo.WarmupSteps > 0
        ? Dpo.WarmupSteps
        : (int)Math.Ceiling(Dpo.WarmupRatio * Dpo.Epochs * Math.Ceiling(Math.Ceiling((double)Count / Dpo.BatchSize) / Dpo.GradientAccumulation));

    /// <summary>The training of an iteration, or of all of them together.</summary>
    /// <param name="run">The run.</param>
    /// <param name="recipe">Its recipe, with what is to be different there.</param>
    /// <param name="iteration">1-based; null: all that have pairs.</param>
    /// <param name="model">Where the recipe's model is.</param>
    /// <param name="pairs">The file of pairs.</param>
    /// <param name="count">Pairs in it.</param>
    public static Handover Of(IRunStore run, Recipe recipe, int? iteration, HandoverModel model, string pairs, int count)
    {
        var iterations = iteration is { } one ? [one] : RunPairs.Iterations(run, recipe);
        var start = iterations.Count == 1 ? KeepStage.StartOf(run, recipe, iterations[0]) : Arm.Base;
        return new(
            recipe.Name,
            start.IsTrained ? new HandoverModel(run.PathOf(start.Checkpoint), null) : model,
            recipe.Dpo with { Seed = recipe.Seed },
            Path.GetFileName(pairs),
            count,
            iterations.Count == 1 ? null : $"Pairs of iterations {string.Join(", ", iterations)} together, and the model that the run began with. The later ones were written by models that the earlier ones "
                + "trained; `export --iteration N` takes an iteration, and the model that wrote it.");
    }

    /// <summary>Refuses what the other program would do otherwise than it is asked.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="key">The recipe's key.</param>
    /// <param name="differs">Whether that is so.</param>
    /// <param name="why">Why, and what to do.</param>
    /// <exception cref="RequestException">It is so.</exception>
    internal static void Refuse(string program, string key, bool differs, string why)
    {
        if (differs)
        {
            throw new RequestException($"'{key}': {program} cannot train so: {why}");
        }
    }
}

/// <summary>A model as another program finds it.</summary>
/// <param name="Name">Its id on the Hugging Face Hub, or the path of its folder.</param>
/// <param name="Revision">On the Hub; null: it is a folder.</param>
public sealed record HandoverModel(string Name, string? Revision);

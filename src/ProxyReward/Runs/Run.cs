using System.Text;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Training;

namespace ProxyReward.Runs;

/// <summary>An open run: its recipe, questions, files and parts. The stages are extensions of it. One user at a time.</summary>
public sealed class Run : IDisposable
{
    /// <summary>The file that says what a run was asked to do.</summary>
    public const string RecipeName = "recipe.yaml";

    private readonly PolicyShelf policies;
    private readonly HashSet<(Arm, Stage)> worked = [];

    private Run(Recipe recipe, QuestionSplits questions, RunParts parts, IRunStore store, IRunProgress progress)
    {
        (Recipe, Questions, Parts, Store, Progress) = (recipe, questions, parts, store, progress);
        policies = new(parts.Policies, recipe.Chat, arm => arm.Model is { } model ? store.PathOf(model) : BaseModel());
    }

    /// <summary>What was asked.</summary>
    public Recipe Recipe { get; }

    /// <summary>The questions as the run began with them.</summary>
    public QuestionSplits Questions { get; }

    /// <summary>What the run is composed of.</summary>
    public RunParts Parts { get; }

    /// <summary>The files.</summary>
    public IRunStore Store { get; }

    internal IRunProgress Progress { get; }

    /// <summary>Begins a run in an empty folder, or goes on with the run that is there. The caller holds the <see cref="RunLock"/>.</summary>
    /// <exception cref="RequestException">The folder holds a run of another recipe, or something that the recipe names is absent.</exception>
    public static Run Open(Recipe recipe, RunParts parts, IRunStore store, IRunProgress progress)
    {
        // The recipe comes last: a folder with a recipe has everything that a run begins with.
        if (!store.Exists(RecipeName))
        {
            RunQuestions.Write(store, parts);
            RunCard.Of(recipe, store.Read(RunQuestions.FileName), parts).Write(store);
            store.Write(RecipeName, Encoding.UTF8.GetBytes(RecipeFile.Write(recipe)));
        }

        RecipeChange.Take(recipe, store);
        var questions = RunQuestions.Read(store, parts, RunCard.Read(store));
        StageSeconds.Resume(store);
        return new(recipe, questions, parts, store, progress);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        policies.Dispose();
        Parts.Held?.Dispose();
    }

    /// <summary>The model of an arm, loaded.</summary>
    internal IPolicy PolicyOf(Arm arm, ComputePrecision precision = ComputePrecision.Auto) => policies.Of(arm, precision);

    /// <summary>Forgets the policy in use, whose weights have changed.</summary>
    internal void DropPolicy() => policies.Dispose();

    /// <summary>Says that a stage has work to do; its time counts until the result is disposed of.</summary>
    internal StageWork Begin(Arm arm, Stage stage, string unit, int done, int total)
    {
        worked.Add((arm, stage));
        return new((arm, stage, unit), (done, total), Progress, Parts.Time, took => StageSeconds.Add(Store, arm, stage, took));
    }

    /// <summary>A stage is complete, in this process or an earlier one.</summary>
    internal StageDone Done(Arm arm, Stage stage) => new(arm, stage, worked.Contains((arm, stage)));

    private string BaseModel()
    {
        var folder = Parts.Model();
        return RunCard.Read(Store).Hashes["model"] == RunCard.HashOfModel(Parts.Policies.PathsOf(folder))
            ? folder
            : throw new RequestException($"{folder}: this model has changed since the run began. Put the old one back, or start again with another --out.");
    }
}

/// <summary>A stage that is complete.</summary>
/// <param name="Arm">The model.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Worked">Whether this process did some of it; false if all was there already.</param>
public sealed record StageDone(Arm Arm, Stage Stage, bool Worked);

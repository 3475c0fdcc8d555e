using ProxyReward.Recipes;
using ProxyReward.Rewards;

namespace ProxyReward.Runs;

/// <summary>One model of a run and its folder: the base, an iteration, or a control.</summary>
/// <param name="Name">For people, for example <c>iteration 2</c>.</param>
/// <param name="Folder">Within the run folder, with forward slashes; empty: the folder itself.</param>
/// <param name="Iteration">0 for the base.</param>
/// <param name="Reward">What it is trained for; null for the base and for what is sampled colder.</param>
public sealed record Arm(string Name, string Folder, int Iteration, RewardKind? Reward)
{
    /// <summary>The model as it came.</summary>
    public static Arm Base { get; } = new("base", "base", 0, null);

    /// <summary>Whether it has a model of its own.</summary>
    public bool IsTrained => Reward is not null;

    /// <summary>Whether it is another arm's model, sampled at evaluation.control_temperature.</summary>
    public bool IsColder => !IsTrained && this != Base;

    /// <summary>Where its trained model lies.</summary>
    public string Checkpoint => File("checkpoint");

    /// <summary>Where the model lies that answers for it; null: it is the base.</summary>
    public string? Model => IsTrained ? Checkpoint : Iteration == 0 ? null : OfIteration(Iteration, default).Checkpoint;

    /// <summary>An iteration of the loop, 1-based.</summary>
    public static Arm OfIteration(int iteration, RewardKind reward) => new($"iteration {iteration}", $"iteration-{iteration}", iteration, reward);

    /// <summary>A control: one iteration for another reward from the base's responses, or the base or iteration 1 itself, sampled colder.</summary>
    public static Arm Control(ControlKind control)
    {
        var name = RecipeFile.Spell(control);
        var (iteration, reward) = control switch
        {
            ControlKind.Temperature => (0, (RewardKind?)null),
            ControlKind.TrainedTemperature => (1, null),
            _ => (1, Enum.Parse<RewardKind>(control.ToString())),
        };
        return new($"control {name}", $"controls/{name}", iteration, reward);
    }

    /// <summary>The loop of a recipe, in order.</summary>
    public static IEnumerable<Arm> IterationsOf(Recipe recipe) => Enumerable.Range(1, recipe.Iterations).Select(i => OfIteration(i, recipe.Reward));

    /// <summary>What a recipe sets against the base: the iterations, then the controls.</summary>
    public static IEnumerable<Arm> AllOf(Recipe recipe) => IterationsOf(recipe).Concat(recipe.Controls.Select(Control));

    /// <summary>A file of the arm.</summary>
    public string File(string name) => Folder.Length == 0 ? name : $"{Folder}/{name}";
}

/// <summary>The stages of a run, in order; each is a verb of the command line.</summary>
public enum Stage
{
    /// <summary>The policy writes responses to the training questions.</summary>
    Respond,

    /// <summary>The reader answers the proxies from each response.</summary>
    Read,

    /// <summary>Verdicts become rewards.</summary>
    Score,

    /// <summary>Rewards become preference pairs.</summary>
    Pair,

    /// <summary>DPO on the pairs.</summary>
    Train,

    /// <summary>The held-out questions.</summary>
    Evaluate,

    /// <summary>summary.json.</summary>
    Summarise,
}

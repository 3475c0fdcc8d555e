using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Runs;
using ProxyReward.Verdicts;

namespace ProxyReward.Reports.Contents;

/// <summary>What a run folder holds, as far as the run has come.</summary>
/// <param name="Recipe">What was asked.</param>
/// <param name="Card">What it was begun with; null where run.json is missing.</param>
/// <param name="Summary">The numbers of the finished run; null before its end.</param>
/// <param name="Questions">All questions; empty lists where they are missing.</param>
/// <param name="Arms">The models: base, iterations, controls.</param>
/// <param name="Missing">What could not be read, and why, each for people.</param>
internal sealed record RunContents(
    Recipe Recipe,
    RunCard? Card,
    RunSummary? Summary,
    QuestionSplits Questions,
    IReadOnlyList<ArmContents> Arms,
    IReadOnlyList<string> Missing)
{
    /// <summary>The model as it came.</summary>
    public ArmContents Base => Arms[0];

    /// <summary>The loop, begun or not.</summary>
    public IEnumerable<ArmContents> Iterations => Arms.Skip(1).Take(Recipe.Iterations);

    /// <summary>What the loop is compared with.</summary>
    public IEnumerable<ArmContents> Controls => Arms.Skip(1 + Recipe.Iterations);

    /// <summary>The last iteration that was evaluated; null before there is one.</summary>
    public ArmContents? Last => Iterations.LastOrDefault(arm => arm.Outcome is not null);

    /// <summary>Whether questions or readers are the pocket lab's: then all numbers are about a fictional world.</summary>
    public bool Simulated =>
        Recipe.Questions.Train == QuestionOptions.Pocket || Recipe.Questions.HeldOut == QuestionOptions.Pocket
        || Recipe.Reader is ReaderKind.Exact or ReaderKind.Value;
}

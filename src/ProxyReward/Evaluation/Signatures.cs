using System.ComponentModel;
using System.Text.Json.Serialization;
using ProxyReward.Training;

namespace ProxyReward.Evaluation;

/// <summary>A sign that a training went wrong in a known way.</summary>
/// <param name="Name">Stable, for programs.</param>
/// <param name="Detail">For people: which model, and the numbers.</param>
/// <param name="Mend">What to do about it, the same for every model; null where nothing general is known.</param>
public sealed record Signature(
    string Name,
    string Detail,
    [property: Description("What to do about it, the same for every model"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Mend = null);

/// <summary>A trained model with what its training logged.</summary>
/// <param name="Name">For example <c>iteration 2</c> or <c>control judge</c>.</param>
/// <param name="Summary">Its measures.</param>
/// <param name="Steps">Its training.</param>
public sealed record TrainedArm(string Name, ArmSummary Summary, IReadOnlyList<TrainingStep> Steps);

/// <summary>
/// Looks for the known ways in which preference training goes wrong while its reward rises. The thresholds are ours; those on
/// duplicates and truncation were set on the pocket lab's prototype.
/// </summary>
public static class Signatures
{
    private const double MaxDuplicates = 0.25;
    private const double MaxTruncated = 0.10;
    private const double MaxLengthGrowth = 1.25;
    private const double MaxRepetitionGrowth = 0.05;

    /// <summary>All signs in a run, in the order of its models.</summary>
    public static IReadOnlyList<Signature> Find(MeasureTable start, IReadOnlyList<TrainedArm> iterations, IReadOnlyList<TrainedArm> controls) =>
    [
        .. iterations.Zip(iterations.Skip(1)).SelectMany(pair => Falling(pair.First, pair.Second)),
        .. iterations.Concat(controls).SelectMany(arm => OfMeasures(start, arm).Concat(OfTraining(arm))),
        .. controls.SelectMany(control => OfControl(start, iterations, control)),
    ];

    private static IEnumerable<Signature> Falling(TrainedArm before, TrainedArm after)
    {
        if (after.Summary.Accuracy!.Mean < before.Summary.Accuracy!.Mean)
        {
            yield return new("held_out_falling", $"{after.Name}: held-out accuracy {after.Summary.Accuracy.Mean:P1}, after {before.Summary.Accuracy.Mean:P1} in {before.Name}");
        }
    }

    private static IEnumerable<Signature> OfMeasures(MeasureTable start, TrainedArm arm)
    {
        var (name, now) = (arm.Name, arm.Summary);
        if (now.DifferenceToBase.Accuracy.High < 0)
        {
            yield return new("below_base", $"{name}: held-out accuracy {now.Accuracy!.Mean:P1}, base {start.Accuracy!.Mean:P1}; the 95 % interval of the difference lies below 0");
        }

        if (now.DifferenceToBase is { Accuracy.Low: > 0, AccuracyAt120.Mean: <= 0 })
        {
            yield return new("gain_from_length", $"{name}: accuracy rose by {Points(now.DifferenceToBase.Accuracy)} points, but not within the first 120 tokens ({Points(now.DifferenceToBase.AccuracyAt120)} points)");
        }

        if (now.LengthTokens!.Mean > MaxLengthGrowth * start.LengthTokens!.Mean)
        {
            yield return new("length_growth", $"{name}: {now.LengthTokens.Mean:F0} tokens, base {start.LengthTokens.Mean:F0}", OfTrainings(Mends.Length));
        }

        if (now.Duplicates?.Mean > MaxDuplicates)
        {
            yield return new("duplicates_high", $"{name}: {now.Duplicates.Mean:P1} of the fact sentences repeat a fact (warning at {MaxDuplicates:P0}; base {start.Duplicates?.Mean:P1})");
        }

        if (now.Truncated!.Mean > MaxTruncated)
        {
            yield return new("truncated_high", $"{name}: {now.Truncated.Mean:P1} of the responses met the token limit (warning at {MaxTruncated:P0}; base {start.Truncated!.Mean:P1})");
        }

        if (now.Repetition!.Mean > start.Repetition!.Mean + MaxRepetitionGrowth)
        {
            yield return new("repetition_growth", $"{name}: {now.Repetition.Mean:P1} of the 4-grams are repeated, base {start.Repetition.Mean:P1}", OfTrainings(Mends.Repetition));
        }

        // What is sampled colder has no training of its own to mend.
        string? OfTrainings(string mend) => now.Reward is null ? null : mend;
    }

    // The last steps tell how a training ended; single steps are noisy, so a third of them is averaged.
    private static IEnumerable<Signature> OfTraining(TrainedArm arm)
    {
        var end = arm.Steps.Skip(arm.Steps.Count * 2 / 3).ToList();
        if (end.Count == 0 || end.Average(s => s.RewardsChosen) is var chosen && chosen >= 0)
        {
            yield break;
        }

        yield return new("chosen_logp_falling", $"{arm.Name}: the chosen responses became less likely than under the reference (rewards/chosen {chosen:F3} at the end)");
        if (end.Average(s => s.RewardsRejected) is var rejected && rejected < 0)
        {
            yield return new("both_rewards_falling", $"{arm.Name}: rewards/chosen {chosen:F3} and rewards/rejected {rejected:F3} at the end", Mends.FallingRewards);
        }
    }

    private static IEnumerable<Signature> OfControl(MeasureTable start, IReadOnlyList<TrainedArm> iterations, TrainedArm control)
    {
        var accuracy = control.Summary.Accuracy!.Mean;
        if (control.Summary.Reward == "judge" && accuracy < start.Accuracy!.Mean)
        {
            yield return new("judge_below_base", $"{control.Name}: held-out accuracy {accuracy:P1}, base {start.Accuracy.Mean:P1} (the paper sees the same with its judge)");
        }

        // Iteration 1 sampled colder is no other way to the same end.
        if (control.Summary is not { Reward: null, Iteration: > 0 } && iterations is [var first, ..] && accuracy >= first.Summary.Accuracy!.Mean)
        {
            yield return new("control_as_good", $"{control.Name}: held-out accuracy {accuracy:P1}, {first.Name} {first.Summary.Accuracy.Mean:P1}");
        }
    }

    // A difference of shares: 0.622 − 0.483 is 13.9 points, not 13.9 %.
    private static string Points(Estimate difference) => $"{100 * difference.Mean:0.0;-0.0;0.0}";
}

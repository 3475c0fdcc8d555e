using ProxyReward.Responses;
using ProxyReward.Training;

namespace ProxyReward.Evaluation;

/// <summary>A training that is about to go wrong in a known way. One line of alarms.jsonl.</summary>
/// <param name="Step">After which step; 0: before the first.</param>
/// <param name="Name">Stable, for programs.</param>
/// <param name="Detail">The numbers, and what to do.</param>
public sealed record TrainingAlarm(int Step, string Name, string Detail);

/// <summary>Looks for them while a training goes on, where <see cref="Signatures"/> looks at what it came to. The thresholds are ours.</summary>
public static class TrainingAlarms
{
    // Single steps are noisy: as many are averaged.
    private const int Window = 10;
    private const double MinFall = 0.1;
    private const double MaxLengthRatio = 1.25;
    private const double MaxRepetitionGap = 0.05;

    /// <summary>What the settings will not do with so few steps.</summary>
    /// <param name="options">Of the training.</param>
    /// <param name="steps">Optimizer steps in all.</param>
    public static IEnumerable<TrainingAlarm> OfPlan(DpoOptions options, int steps)
    {
        if (options.WarmupSteps >= steps)
        {
            yield return new(0, "warmup_never_ends", $"the learning rate climbs for dpo.warmup_steps {options.WarmupSteps}, and there are {steps} steps: it never gets to dpo.learning_rate. Lower dpo.warmup_steps, or take dpo.warmup_ratio.");
        }
    }

    /// <summary>What the pairs will teach beside what they are meant to.</summary>
    public static IEnumerable<TrainingAlarm> OfPairs(IReadOnlyList<TrainingExample> pairs)
    {
        var (chosen, rejected) = (pairs.Average(pair => pair.ChosenText.Length), pairs.Average(pair => pair.RejectedText.Length));
        if (chosen > MaxLengthRatio * rejected)
        {
            yield return new(0, "length_growth", $"the chosen answers have {chosen:F0} characters, the rejected ones {rejected:F0}: answers will grow longer. {(pairs[0] is TrainingPair ? Mends.Length : Mends.LengthInFile)}");
        }

        (chosen, rejected) = (pairs.Average(pair => Repetition.Of(pair.ChosenText)), pairs.Average(pair => Repetition.Of(pair.RejectedText)));
        if (chosen > rejected + MaxRepetitionGap)
        {
            yield return new(0, "repetition", $"{chosen:P1} of the 4-grams of the chosen answers are repeated, {rejected:P1} of the rejected ones: answers will repeat themselves. {Mends.Repetition}");
        }
    }

    /// <summary>What the last steps show.</summary>
    /// <param name="steps">All steps so far.</param>
    public static IEnumerable<TrainingAlarm> OfSteps(IReadOnlyList<TrainingStep> steps)
    {
        if (steps.Count < Window)
        {
            yield break;
        }

        var last = steps.Skip(steps.Count - Window).ToList();
        var (chosen, rejected) = (last.Average(step => step.RewardsChosen), last.Average(step => step.RewardsRejected));
        if (chosen < -MinFall && rejected < -MinFall)
        {
            yield return new(steps[^1].Step, "both_rewards_falling", $"over the last {Window} steps rewards/chosen is {chosen:F3} and rewards/rejected {rejected:F3}: both kinds of answers become less likely. {Mends.FallingRewards}");
        }
    }
}

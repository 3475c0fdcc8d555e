using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ProxyReward.Training;

/// <summary>What is done with pairs that are scored during a training; all of it is ours, the paper says nothing of it.</summary>
public sealed record DevOptions
{
    [Description("Optimizer steps from one scoring of the dev pairs to the next; 0: once an epoch"), Range(0, 1_000_000)]
    public int EverySteps { get; init; }

    [Description("Whose weights are kept: those of the last step, or those with the lowest loss on the dev pairs, the start among them")]
    public KeptWeights Keep { get; init; }

    [Description("Scorings without a new lowest loss after which the training stops; 0: it never does"), Range(0, 1_000_000)]
    public int Patience { get; init; }
}

/// <summary>Whose weights are kept.</summary>
public enum KeptWeights
{
    /// <summary>Those of the last step.</summary>
    Last,

    /// <summary>Those with the lowest loss on the dev pairs.</summary>
    Best,
}

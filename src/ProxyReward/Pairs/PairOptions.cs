using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ProxyReward.Pairs;

/// <summary>Which questions and which of their responses become preference pairs.</summary>
public sealed record PairOptions
{
    [Description("How questions are chosen: by variance of the reward across their responses, or at random")]
    public QuestionSelection Select { get; init; } = QuestionSelection.Variance;

    [Description("Share of the questions that is kept, rounded up; 1 keeps all"), Range(0.001, 1)]
    public double QuestionShare { get; init; } = 0.5;

    [Description("Pairs of a question: highest with lowest, second highest with second lowest, …"), Range(1, 1000)]
    public int PerQuestion { get; init; } = 1;

    [Description("Pairs with a smaller gap are dropped, in the unit of the reward; ties are always dropped"), Range(0, 1e9)]
    public double MinGap { get; init; }

    [Description("Only pair responses of nearly the same length, widest gap first")]
    public bool LengthMatched { get; init; }

    [Description("length_matched: how far two lengths may lie apart, as a share of the longer one"), Range(0, 1)]
    public double LengthTolerance { get; init; } = 0.1;

    [Description("Drop pairs whose chosen response met the token limit")]
    public bool DropTruncatedChosen { get; init; }

    [Description("Drop pairs in which accuracy or precision strictly prefers the rejected response")]
    public bool DropConflicts { get; init; }
}

/// <summary>How questions are chosen.</summary>
public enum QuestionSelection
{
    /// <summary>Higher variance of the reward first (the paper's rule).</summary>
    Variance,

    /// <summary>A seeded draw: the control for the rule.</summary>
    Random,
}

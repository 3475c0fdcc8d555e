using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ProxyReward.Verdicts;

namespace ProxyReward.Pairs;

/// <summary>Which questions and which of their responses become preference pairs.</summary>
public sealed record PairOptions
{
    [Description("How questions are chosen: by variance of the reward across their responses, or at random")]
    public QuestionSelection Select { get; init; } = QuestionSelection.Variance;

    [Description("Share of the questions that is kept, rounded up; 1 keeps all"), Range(0.001, 1)]
    public double QuestionShare { get; init; } = 0.5;

    [Description("Which responses of a question meet: highest and lowest, drawn at random, neighbours in reward, best and median, or all that lie min_gap apart")]
    public PairStrategy Strategy { get; init; } = PairStrategy.HighestLowest;

    [Description("Most pairs of a question: highest with lowest, second highest with second lowest, …; not with strategy all_above_gap"), Range(1, 1000)]
    public int PerQuestion { get; init; } = 1;

    [Description("Pairs with a smaller gap are dropped, in the unit of the reward; ties are always dropped"), Range(0, 1e9)]
    public double MinGap { get; init; }

    [Description("Drop pairs whose gap is below this many standard deviations of the reader's noise, measured by reading.repeats; 0 is off"), Range(0, 100)]
    public double NoiseVeto { get; init; }

    [Description("Only pair responses of nearly the same length, widest gap first; instead of a strategy")]
    public bool LengthMatched { get; init; }

    [Description("length_matched: how far two lengths may lie apart, as a share of the longer one"), Range(0, 1)]
    public double LengthTolerance { get; init; } = 0.1;

    [Description("Drop pairs whose chosen response met the token limit")]
    public bool DropTruncatedChosen { get; init; }

    [Description("Drop pairs in which an indicator strictly prefers the rejected response")]
    public bool DropConflicts { get; init; }

    [Description("Who may object to a pair; precision is not asked where the reader knows the gold answers")]
    public IReadOnlyList<Indicator> Indicators { get; init; } = [Indicator.Accuracy, Indicator.Precision];

    [Description("The reader behind the indicator second_reader")]
    public ReaderKind? SecondReader { get; init; }

    [Description("How that reader reads, if it is a model")]
    public ReadingOptions SecondReading { get; init; } = new();

    [Description("Drop pairs whose two texts are this much alike or more (Jaccard index of words and neighbouring words), and pairs that repeat an earlier one of their question; 0 is off"), Range(0, 1)]
    public double NearDuplicate { get; init; }

    [Description("Most pairs of one domain, best-separated questions first; 0 is no cap"), Range(0, 1_000_000)]
    public int PerDomain { get; init; }

    [Description("Drop the pairs whose chosen response is longer by most, until the chosen ones are not longer than the rejected ones on average")]
    public bool BalanceLength { get; init; }
}

/// <summary>How questions are chosen.</summary>
public enum QuestionSelection
{
    /// <summary>Higher variance of the reward first (the paper's rule).</summary>
    Variance,

    /// <summary>A seeded draw: the control for the rule.</summary>
    Random,
}

/// <summary>Which responses of a question meet.</summary>
public enum PairStrategy
{
    /// <summary>Highest with lowest (the paper's rule), second highest with second lowest, …</summary>
    HighestLowest,

    /// <summary>Any two, by a seeded draw: the control for the rule (ours).</summary>
    Random,

    /// <summary>Neighbours in reward: the hardest distinctions (ours).</summary>
    Adjacent,

    /// <summary>Best with median: what to do better, without what nobody does (ours).</summary>
    BestMedian,

    /// <summary>Every two that lie min_gap apart (ours).</summary>
    AllAboveGap,
}

/// <summary>Another view of a response than its reward: one that prefers the rejected response of a pair objects to it.</summary>
public enum Indicator
{
    /// <summary>Correct / all proxies.</summary>
    Accuracy,

    /// <summary>Correct / stated proxies.</summary>
    Precision,

    /// <summary>The judge's rating.</summary>
    Judge,

    /// <summary>Correct / all proxies by pairs.second_reader.</summary>
    SecondReader,
}

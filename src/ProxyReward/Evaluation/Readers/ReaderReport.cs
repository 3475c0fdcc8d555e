using System.Text.Json.Serialization;
using ProxyReward.Verdicts;

namespace ProxyReward.Evaluation.Readers;

/// <summary>How good a reader is, with 95 % intervals over questions. Null: does not apply.</summary>
public sealed record ReaderReport
{
    /// <summary>The reader.</summary>
    public required string Reader { get; init; }

    /// <summary>Texts that were read.</summary>
    public required int Texts { get; init; }

    /// <summary>Statements that were judged.</summary>
    public required int Statements { get; init; }

    /// <summary>How often a label met a verdict: [label][verdict], both True, False, NotStated.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }

    /// <summary>Share of the verdicts that equal the label.</summary>
    public required Estimate Agreement { get; init; }

    /// <summary>What a reader would agree in that says True of everything; a random one agrees in a third.</summary>
    public required Estimate AlwaysTrue { get; init; }

    /// <summary>What a reader would agree in that says NotStated of everything.</summary>
    public required Estimate AlwaysNotStated { get; init; }

    /// <summary>Share of the statements whose negation gets the opposite verdict (NotStated is its own opposite).</summary>
    public Estimate? Twins { get; init; }

    /// <summary>Share of the gold answers that the reader gives when shown no text at all: knowledge or bias, not reading.</summary>
    public required Estimate ClosedBook { get; init; }

    /// <summary>Correlation over texts of the reward by this reader with the reward by the labels; null where one of them is constant.</summary>
    public double? RewardCorrelation { get; init; }

    /// <summary>Population variance of a text's accuracy over repeated readings, a mean over texts; null where each was read once.</summary>
    public Estimate? Noise { get; init; }

    /// <summary>Confidence against what it is worth; empty for a reader without confidence.</summary>
    public IReadOnlyList<ReliabilityBin> Reliability { get; init; } = [];

    /// <summary>Mean distance of confidence and agreement, weighted by bin.</summary>
    public double? CalibrationError { get; init; }

    /// <summary>Verdicts that were not taken because their quote was not in the text.</summary>
    public required int QuoteFailures { get; init; }

    /// <summary>Verdicts that were missing because no reply could be understood.</summary>
    public required int ReplyFailures { get; init; }

    /// <summary>What the better of the two agrees in that say True, or NotStated, of everything.</summary>
    [JsonIgnore]
    public Estimate AlwaysTheSame => AlwaysTrue.Mean >= AlwaysNotStated.Mean ? AlwaysTrue : AlwaysNotStated;

    /// <summary>
    /// Whether it is better than a reader that says the same of everything, which training asks of a reader: its agreement is above that one's with the
    /// whole interval, and its reward goes with that of the labels, which the reward of such a reader never does.
    /// </summary>
    public bool IsUseful => Agreement.Low > AlwaysTheSame.Mean && RewardCorrelation > 0;
}

/// <summary>The verdicts of about one confidence.</summary>
/// <param name="From">Lower end of the bin; bins are a tenth wide.</param>
/// <param name="N">Verdicts.</param>
/// <param name="Confidence">Their mean confidence.</param>
/// <param name="Agreement">Share that equals the label.</param>
public sealed record ReliabilityBin(double From, int N, double Confidence, double Agreement);

/// <summary>calibration.json: what a recipe names as <c>reading.calibration</c>.</summary>
/// <param name="Reader">The reader's name.</param>
/// <param name="Model">SHA-256 of the model's files, or the model's name at an endpoint.</param>
/// <param name="Prompt">Hash of the prompt file; null where the reader has none.</param>
/// <param name="Logit">What its log-probs are worth; null for readers without.</param>
/// <param name="Report">How good it is with that.</param>
public sealed record ReaderCalibration(string Reader, string Model, string? Prompt, LogitCalibration? Logit, ReaderReport Report);

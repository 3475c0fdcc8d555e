using ProxyReward.Evaluation;
using ProxyReward.Pairs;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Runs;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Reports.Contents;

/// <summary>What a run folder holds of one model. What is missing is null or empty.</summary>
internal sealed record ArmContents(Arm Arm)
{
    /// <summary>The model's measures on the held-out questions.</summary>
    public MeasureTable? Measures { get; init; }

    /// <summary>The same with the difference to the base; null for the base itself.</summary>
    public ArmSummary? Outcome => Measures as ArmSummary;

    /// <summary>The measures of each held-out response.</summary>
    public IReadOnlyList<ResponseMeasures> HeldOut { get; init; } = [];

    /// <summary>With which model the dev questions went on after the iteration; null where they were not asked.</summary>
    public DevChoice? Choice { get; init; }

    /// <summary>What the reader said about the training responses that an iteration learnt from; empty for others.</summary>
    public IReadOnlyList<ResponseVerdicts> TrainingVerdicts { get; init; } = [];

    /// <summary>The held-out responses; read where the page shows them (base and iterations).</summary>
    public IReadOnlyList<Response> Answers { get; init; } = [];

    /// <summary>What the reader said about the held-out responses.</summary>
    public IReadOnlyList<ResponseVerdicts> Verdicts { get; init; } = [];

    /// <summary>The rewards that the model learnt from: those of the responses of the model before it.</summary>
    public IReadOnlyList<ResponseReward> Rewards { get; init; } = [];

    /// <summary>How rewards became pairs.</summary>
    public IReadOnlyList<FunnelStep> Funnel { get; init; } = [];

    /// <summary>What each strategy would have paired.</summary>
    public IReadOnlyList<PairStatistics> Statistics { get; init; } = [];

    /// <summary>The pairs.</summary>
    public IReadOnlyList<PreferencePair> Pairs { get; init; } = [];

    /// <summary>The optimizer steps.</summary>
    public IReadOnlyList<TrainingStep> Steps { get; init; } = [];

    /// <summary>What the training did; null until it is done.</summary>
    public TrainingResult? Training { get; init; }

    /// <summary>How far the model has gone from the base; null where it was not measured.</summary>
    public Divergence? Divergence { get; init; }
}

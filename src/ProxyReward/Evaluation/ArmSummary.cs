using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ProxyReward.Evaluation;

/// <summary>What an iteration or a control came to.</summary>
public sealed record ArmSummary : MeasureTable
{
    /// <summary>For reading a file.</summary>
    [JsonConstructor]
    public ArmSummary()
    {
    }

    /// <summary>Adds to a model's measures what it was trained for and on.</summary>
    [SetsRequiredMembers]
    public ArmSummary(MeasureTable measures, int iteration, string? reward, MeasureDifference differenceToBase, int pairs)
        : base(measures) =>
        (Iteration, Reward, DifferenceToBase, Pairs) = (iteration, reward, differenceToBase, pairs);

    /// <summary>1-based; 0 where nothing was trained.</summary>
    [JsonPropertyOrder(-2)]
    public required int Iteration { get; init; }

    /// <summary>The reward it trained for, as recipes spell it; null where nothing was trained.</summary>
    [JsonPropertyOrder(-1)]
    public required string? Reward { get; init; }

    /// <summary>Paired with the base on the same questions.</summary>
    [JsonPropertyOrder(10)]
    public required MeasureDifference DifferenceToBase { get; init; }

    /// <summary>Pairs it was trained on.</summary>
    [JsonPropertyOrder(11)]
    public required int Pairs { get; init; }

    /// <summary>Wall time of the stages; the only numbers that two runs of one recipe need not share.</summary>
    [JsonPropertyOrder(12), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("Wall time of each stage in seconds; scoring counts as pair")]
    public IReadOnlyDictionary<string, double>? Seconds { get; init; }
}

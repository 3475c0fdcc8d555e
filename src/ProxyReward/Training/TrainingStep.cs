using System.Text.Json.Serialization;

namespace ProxyReward.Training;

/// <summary>
/// One optimizer step under the names that TRL logs: each metric is a mean over the pairs of a micro-batch, then over the micro-batches
/// of the step. One line of training.jsonl.
/// </summary>
public sealed record TrainingStep
{
    /// <summary>1-based.</summary>
    public required int Step { get; init; }

    /// <summary>Finished epochs, the share of the running one included.</summary>
    public required double Epoch { get; init; }

    public required double Loss { get; init; }

    /// <summary>L2 norm of the accumulated gradient before clipping.</summary>
    public required double GradNorm { get; init; }

    /// <summary>The rate this step used.</summary>
    public required double LearningRate { get; init; }

    /// <summary>beta · (log-prob under the policy − under the reference) of the chosen response.</summary>
    [JsonPropertyName("rewards/chosen")]
    public required double RewardsChosen { get; init; }

    [JsonPropertyName("rewards/rejected")]
    public required double RewardsRejected { get; init; }

    /// <summary>Share of pairs whose chosen reward is strictly above the rejected one.</summary>
    [JsonPropertyName("rewards/accuracies")]
    public required double RewardsAccuracies { get; init; }

    [JsonPropertyName("rewards/margins")]
    public required double RewardsMargins { get; init; }

    /// <summary>Summed log-prob of the chosen completion, in nats.</summary>
    [JsonPropertyName("logps/chosen")]
    public required double LogpsChosen { get; init; }

    [JsonPropertyName("logps/rejected")]
    public required double LogpsRejected { get; init; }

    /// <summary>Tokens seen since the training started; the prompt counts twice per pair.</summary>
    public required long NumTokens { get; init; }
}

using System.Text.Json.Serialization;

namespace ProxyReward.Training;

/// <summary>
/// The dev pairs under the policy of one step, by the names and definitions of TRL's log: the loss is a mean over pairs, the rest a mean
/// over micro-batches of means over their pairs. Rewards are against the model that the training began with, so that they are also its drift.
/// One line of training-eval.jsonl.
/// </summary>
public sealed record DevScore
{
    /// <summary>Optimizer steps done; 0 before the first.</summary>
    public required int Step { get; init; }

    /// <summary>Epochs done.</summary>
    public required double Epoch { get; init; }

    [JsonPropertyName("eval_loss")]
    public required double Loss { get; init; }

    [JsonPropertyName("eval_rewards/chosen")]
    public required double RewardsChosen { get; init; }

    [JsonPropertyName("eval_rewards/rejected")]
    public required double RewardsRejected { get; init; }

    [JsonPropertyName("eval_rewards/accuracies")]
    public required double RewardsAccuracies { get; init; }

    [JsonPropertyName("eval_rewards/margins")]
    public required double RewardsMargins { get; init; }

    [JsonPropertyName("eval_logps/chosen")]
    public required double LogpsChosen { get; init; }

    [JsonPropertyName("eval_logps/rejected")]
    public required double LogpsRejected { get; init; }
}

namespace ProxyReward.Evaluation;

/// <summary>What to do about the known ways in which preference training goes wrong; said by alarms and signatures alike.</summary>
internal static class Mends
{
    public const string Length = "Pair answers of nearly equal length (pairs.length_matched: true), or take dpo.loss: sigmoid_norm.";
    public const string LengthInFile = "Leave out the pairs whose chosen answer is much the longer, or take dpo.loss: sigmoid_norm.";
    public const string Repetition = "Drop pairs whose chosen answer repeats itself, train for fewer dpo.epochs, or lower dpo.learning_rate.";
    public const string FallingRewards = "Set dpo.nll_weight (0.1, say) or dpo.dpo_positive_lambda: 5, or lower dpo.learning_rate.";
}

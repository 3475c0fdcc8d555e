namespace ProxyReward.Evaluation;

/// <summary>
/// How far a model has gone from the base, iteration 0. The file divergence.json.
/// With responses y that the model wrote to the held-out questions x: KL(model ‖ base) ≈ mean of log π(y|x) − log π_base(y|x), first over the
/// responses of a question, then over questions. It is unbiased for responses drawn at temperature 1; at another evaluation.temperature it is the
/// divergence on what the model writes there. Reward drift is beta times it: the implicit reward that the model gives its own responses against iteration 0.
/// </summary>
/// <param name="Kl">In nats a response.</param>
/// <param name="KlPerToken">The same over all tokens: summed log-ratios / summed tokens.</param>
/// <param name="RewardDrift">beta · <paramref name="Kl"/>.</param>
/// <param name="Responses">How many it is measured on.</param>
public sealed record Divergence(Estimate Kl, double KlPerToken, double RewardDrift, int Responses)
{
    /// <summary>Its name in a model's folder.</summary>
    public const string FileName = "divergence.json";
}

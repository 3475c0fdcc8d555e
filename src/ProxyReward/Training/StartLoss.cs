namespace ProxyReward.Training;

/// <summary>
/// The loss of the first step, where policy and reference are the same. Any other value means that the reference was computed
/// from other weights, in another precision or in other batches, and that everything after it is wrong.
/// </summary>
public static class StartLoss
{
    // Summation order in fp32; a reference scored in another batch plan is off by far more (0.36 nats on 500 tokens in bf16).
    private const double Tolerance = 1e-4;

    // Nats, for the same reason.
    private const double LogRatioTolerance = 1e-3;

    /// <summary>The value that the loss must start at; null with an NLL term, whose value depends on the model.</summary>
    public static double? Of(DpoOptions options) => options switch
    {
        { NllWeight: > 0 } or { SftWeight: > 0 } => null,
        { Loss: DpoLoss.Hinge } => 1,
        { Loss: DpoLoss.Ipo } => 1 / (4 * options.Beta * options.Beta),
        _ => Math.Log(2),
    };

    /// <summary>Checks a step if it is the first one.</summary>
    /// <exception cref="InvalidOperationException">The loss is another, or not a number.</exception>
    public static void Check(TrainingStep step, DpoOptions options)
    {
        if (!double.IsFinite(step.Loss) || !double.IsFinite(step.GradNorm))
        {
            throw new InvalidOperationException(
                $"loss {step.Loss}, gradient norm {step.GradNorm} at step {step.Step}: the training diverged. Lower dpo.learning_rate or dpo.max_grad_norm.");
        }

        if (step.Step != 1)
        {
            return;
        }

        // What the preference part of any loss is made of, so that a term of the chosen answers hides nothing.
        var logRatio = Math.Max(Math.Abs(step.RewardsChosen), Math.Abs(step.RewardsRejected)) / options.Beta;
        if (!(logRatio <= LogRatioTolerance))
        {
            throw new InvalidOperationException(
                $"the first step has rewards {step.RewardsChosen:R} and {step.RewardsRejected:R} instead of 0: policy and reference were not scored alike.");
        }

        if (Of(options) is { } expected && Math.Abs(step.Loss - expected) > Tolerance * Math.Max(1, expected))
        {
            throw new InvalidOperationException(
                $"the first step has loss {step.Loss:R} instead of {expected:R}: policy and reference were not scored alike.");
        }
    }
}

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ProxyReward.Training;

/// <summary>
/// How a policy is trained by direct preference optimisation. Learning rate, batch, accumulation, epochs and max_length default to
/// the paper's values, beta to ours (the paper gives none), the rest to TRL's.
/// </summary>
public sealed record DpoOptions
{
    /// <summary>Strength of the pull towards the reference.</summary>
    [Description("Strength of the pull towards the reference model"), Range(1e-6, 100)]
    public double Beta { get; init; } = 0.1;

    [Description("Peak learning rate of AdamW"), Range(1e-12, 1)]
    public double LearningRate { get; init; } = 5e-7;

    [Description("Pairs in a micro-batch"), Range(1, 4096)]
    public int BatchSize { get; init; } = 2;

    [Description("Micro-batches in an optimizer step"), Range(1, 4096)]
    public int GradientAccumulation { get; init; } = 8;

    [Description("Passes over the pairs"), Range(1, 1000)]
    public int Epochs { get; init; } = 5;

    [Description("Longest prompt + completion, in tokens"), Range(8, 1 << 20)]
    public int MaxLength { get; init; } = 2048;

    [Description("What happens to a longer pair: drop it and count it, or keep the first max_length tokens as TRL does")]
    public Truncation Truncation { get; init; } = Truncation.Drop;

    [Description("How the learning rate goes after the warm-up")]
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Linear;

    [Description("Share of all steps in which the learning rate climbs; only one of warmup_ratio and warmup_steps"), Range(0, 1)]
    public double WarmupRatio { get; init; }

    [Description("Steps in which the learning rate climbs; 0: see warmup_ratio"), Range(0, 1_000_000)]
    public int WarmupSteps { get; init; }

    [Description("Keep only the inputs of the layers and compute the rest again in the backward pass: less memory, one more forward pass")]
    public bool ActivationCheckpointing { get; init; }

    [Description("Gradients longer than this are shortened to it; 0 switches clipping off"), Range(0, 1e9)]
    public double MaxGradNorm { get; init; } = 1;

    [Description("Decoupled weight decay on matrices"), Range(0, 1)]
    public double WeightDecay { get; init; }

    [Description("AdamW's decay of the first moment"), Range(0, 0.999999)]
    public double AdamBeta1 { get; init; } = 0.9;

    [Description("AdamW's decay of the second moment"), Range(0, 0.9999999)]
    public double AdamBeta2 { get; init; } = 0.999;

    [Description("AdamW's epsilon"), Range(1e-16, 1)]
    public double AdamEpsilon { get; init; } = 1e-8;

    [Description("The preference loss")]
    public DpoLoss Loss { get; init; } = DpoLoss.Sigmoid;

    [Description("Share of flipped preferences that the robust loss assumes; only with loss: robust"), Range(0, 0.499999)]
    public double LabelSmoothing { get; init; }

    [Description("Weight of the chosen response's mean negative log-prob per token; 0 is off (ours)"), Range(0, 1000)]
    public double NllWeight { get; init; }

    [Description("Weight of TRL's sft loss, the mean negative log-prob per token over the chosen responses of a micro-batch together; 0 is off"), Range(0, 1000)]
    public double SftWeight { get; init; }

    [Description("DPO-positive: weight of max(0, reference − policy log-prob of the chosen response); 0 is off"), Range(0, 1000)]
    public double DpoPositiveLambda { get; init; }

    [Description("Trains a LoRA adapter instead of all weights; null trains all weights")]
    public LoraOptions? Lora { get; init; }

    [Description("Type of the matrix products in training: auto takes bf16 where the processor multiplies it in hardware; masters and optimizer are fp32 in any case")]
    public ComputePrecision Precision { get; init; }

    /// <summary>Orders the pairs of an epoch and starts an adapter: the recipe's seed, so no key of its own.</summary>
    [JsonIgnore]
    public long Seed { get; init; }
}

/// <summary>The losses, under TRL's names.</summary>
public enum DpoLoss
{
    /// <summary>−log σ(h), h = beta · (chosen log-ratio − rejected log-ratio).</summary>
    Sigmoid,

    /// <summary>(chosen/tokens − rejected/tokens − 1/(2 beta))².</summary>
    Ipo,

    /// <summary>max(0, 1 − h).</summary>
    Hinge,

    /// <summary>Sigmoid loss that stays unbiased if a share label_smoothing of the preferences is flipped.</summary>
    Robust,

    /// <summary>Sigmoid of the log-ratios per token.</summary>
    SigmoidNorm,
}

/// <summary>What happens to a pair that is longer than max_length.</summary>
public enum Truncation
{
    /// <summary>Dropped and counted: what is trained on is what was scored.</summary>
    Drop,

    /// <summary>The first max_length tokens are kept (TRL's rule).</summary>
    KeepStart,
}

/// <summary>The learning rate after the warm-up.</summary>
public enum LearningRateSchedule
{
    /// <summary>Down to 0 in a straight line.</summary>
    Linear,

    /// <summary>Half a cosine down to 0.</summary>
    Cosine,

    /// <summary>Stays.</summary>
    Constant,
}

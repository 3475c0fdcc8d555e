using ProxyReward.Models.Adapters;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Transformer;
using ProxyReward.Training;

namespace ProxyReward.Models.Checkpoints;

/// <summary>What a checkpoint is, for people: what <c>models inspect</c> prints.</summary>
/// <param name="Path">The folder or file.</param>
/// <param name="Format">safetensors, GGUF or PEFT adapter.</param>
/// <param name="Shape">Family, sizes, positions, special tokens.</param>
/// <param name="Parameters">Numbers in the model, a tied head counted once.</param>
/// <param name="Precision">How many of them are stored in which type, the most used first.</param>
/// <param name="Text">How it reads and writes text.</param>
/// <param name="Sampling">What writing takes, for the length and batch that were asked about, half of the length a prompt.</param>
/// <param name="Training">What training all weights takes, for the same.</param>
/// <param name="LoraTraining">What training a <see cref="UsualLora"/> takes, for the same.</param>
public sealed record CheckpointSummary(
    string Path,
    string Format,
    ModelConfig Shape,
    long Parameters,
    IReadOnlyList<StoredPrecision> Precision,
    TextSummary Text,
    MemoryPlan Sampling,
    MemoryPlan Training,
    MemoryPlan LoraTraining)
{
    /// <summary>The adapter that is merged, and its base; null where there is none.</summary>
    public MergedAdapter? Adapter { get; private init; }

    /// <summary>Bytes that this process may have.</summary>
    public required long Memory { get; init; }

    /// <summary>What makes writing fit where it does not.</summary>
    public IReadOnlyList<MemoryMend> SamplingMends { get; private init; } = [];

    /// <summary>What makes training all weights fit where it does not; pairs are two sequences each.</summary>
    public IReadOnlyList<MemoryMend> TrainingMends { get; private init; } = [];

    /// <summary>PEFT's and TRL's usual adapter.</summary>
    public static LoraConfig UsualLora { get; } = new() { Rank = 16, Alpha = 32, TargetModules = [LoraConfig.AllLinear] };

    /// <param name="length">Tokens of a sequence, prompt and completion.</param>
    /// <param name="batch">Sequences at a time.</param>
    /// <param name="memory">Bytes that may be had; null: what this process may have.</param>
    public static CheckpointSummary Of(Checkpoint checkpoint, int length, int batch, long? memory = null)
    {
        var layout = new ParameterLayout(checkpoint.Config);
        MemoryPlan Sampling(int sequences, int newTokens) => MemoryPlan.Sampling(checkpoint.Config, Processor.ComputeType, sequences, length / 2, sequences, newTokens);
        MemoryPlan Training(DpoOptions options) => MemoryPlan.Training(
            checkpoint.Config,
            Processor.ComputeType,
            Math.Min(batch, 2L * options.BatchSize) * options.MaxLength,
            options.ActivationCheckpointing,
            options.Lora is null ? null : UsualLora);
        var dpo = new DpoOptions { BatchSize = (batch + 1) / 2, GradientAccumulation = 1, MaxLength = length };
        var lora = dpo with { Lora = new LoraOptions() };
        var limit = memory ?? MemoryLimit.Bytes;
        var (writing, training) = (Sampling(batch, length - (length / 2)), Training(dpo));
        return new CheckpointSummary(
            checkpoint.Path,
            checkpoint.Format,
            checkpoint.Config,
            layout.Size,
            StoredPrecision.Of(layout, checkpoint.Tensors),
            TextSummary.Of(checkpoint),
            writing,
            training,
            Training(lora))
        {
            Adapter = checkpoint.Adapter,
            Memory = limit,
            SamplingMends = writing.Peak <= limit ? [] : MemoryMend.OfSampling(batch, length - (length / 2), Sampling, limit),
            TrainingMends = training.Peak <= limit ? [] : MemoryMend.OfTraining(dpo, length, Training, limit),
        };
    }
}

/// <summary>How many numbers are stored in a type.</summary>
/// <param name="Type">In the format's own spelling: F32, BF16, Q4_1, …</param>
/// <param name="Parameters">Numbers.</param>
public sealed record StoredPrecision(string Type, long Parameters)
{
    /// <summary>The types of a model, the most used first.</summary>
    internal static IReadOnlyList<StoredPrecision> Of(ParameterLayout layout, ITensorSource tensors) =>
        [.. layout.Slots.GroupBy(slot => tensors.StoredType(slot.Name), slot => slot.Size)
            .Select(type => new StoredPrecision(type.Key, type.Sum())).OrderByDescending(type => type.Parameters)];
}

using ProxyReward.Models.Adapters;
using ProxyReward.Models.Decoding;
using ProxyReward.Models.Optimization;
using ProxyReward.Models.Preference;
using ProxyReward.Models.Transformer;
using ProxyReward.Training;
using static TorchSharp.torch;

namespace ProxyReward.Models.Policies;

/// <summary>
/// What sampling from a model or training it takes when it takes most, in bytes, from shapes alone: no weights are read. Each part is counted where its
/// buffers are made, so that what is foretold, what is refused and what is used are one sum.
/// </summary>
/// <param name="Runtime">.NET, libtorch and what both keep for themselves: an estimate, fitted to trainings of one and of four layers; 157 MB are there when libtorch is loaded.</param>
/// <param name="Weights">fp32 masters and the compute copy, an adapter's included.</param>
/// <param name="Optimizer">Gradients and both moments of what is trained.</param>
/// <param name="Activations">What forward leaves for backward in the largest micro-batch; keys and values when sampling.</param>
/// <param name="Work">What a layer, or the head with a chunk of logits, works with.</param>
public sealed record MemoryPlan(long Runtime, long Weights, long Optimizer, long Activations, long Work)
{
    /// <summary>A process that has loaded libtorch and computed something, without tensors of its own.</summary>
    public const long RuntimeBytes = 260_000_000;

    /// <summary>What the process takes at its peak.</summary>
    public long Peak => Runtime + Weights + BesideWeights;

    /// <summary>What is still to be taken once the model is loaded.</summary>
    public long BesideWeights => Optimizer + Activations + Work;

    /// <summary>DPO with the longest pair that will be met.</summary>
    /// <param name="compute">The type of matrix products, as run.json has it: <see cref="Native.Processor.ComputeType"/> here.</param>
    /// <param name="options">Pairs in a micro-batch, activation checkpointing.</param>
    /// <param name="prompt">Tokens of the prompt.</param>
    /// <param name="completion">Tokens of a completion, the end token counted.</param>
    /// <param name="lora">The adapter that is trained; null: all weights.</param>
    /// <exception cref="RequestException">The adapter's targets are no projections of the model.</exception>
    public static MemoryPlan Training(ModelConfig config, ScalarType compute, DpoOptions options, int prompt, int completion, LoraConfig? lora = null) =>
        Training(config, compute, options.BatchSize * PairBatch.RowsOf(prompt, completion, completion), options.ActivationCheckpointing, lora);

    /// <summary>Training with so many tokens in the largest micro-batch.</summary>
    public static MemoryPlan Training(ModelConfig config, ScalarType compute, long rows, bool checkpointing, LoraConfig? lora)
    {
        var layout = new ParameterLayout(config);
        var adapter = lora is null ? null : LoraAdapter.LayoutOf(lora, layout, "the LoRA configuration");
        var trained = adapter ?? layout;
        return new MemoryPlan(
            RuntimeBytes,
            Parameters.Bytes(layout, compute) + (adapter is null ? 0 : Parameters.Bytes(adapter, compute)),
            Gradients.Bytes(trained) + AdamW.Bytes(trained),
            Tape.Bytes(config, compute, rows, checkpointing),
            (2 * LanguageModel.HiddenBytes(config, compute, rows)) // the hidden states and their gradient
                + Math.Max(LogitHead.Bytes(config, compute, rows, trained: adapter is null), DecoderLayer.BackwardBytes(config, compute, rows)));
    }

    /// <summary>Writing responses together.</summary>
    /// <param name="prompts">Different prompts among them.</param>
    /// <param name="prompt">Tokens of a prompt.</param>
    /// <param name="responses">Responses at a time.</param>
    /// <param name="newTokens">Tokens of a response.</param>
    public static MemoryPlan Sampling(ModelConfig config, ScalarType compute, int prompts, int prompt, int responses, int newTokens)
    {
        var read = (long)prompts * prompt;
        return new MemoryPlan(
            RuntimeBytes,
            Parameters.Bytes(new ParameterLayout(config), compute),
            Optimizer: 0,
            KvCache.Bytes(config, compute, read + ((long)responses * newTokens)),
            Math.Max(LogitHead.LogitBytes(config, compute, responses), DecoderLayer.ForwardBytes(config, compute, read)));
    }
}

using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// An estimate, in bytes, of what a model takes, from its shape alone; libtorch itself adds some hundred megabytes.
/// <list type="bullet">
/// <item>weights: 2 a parameter (bf16)</item>
/// <item>optimised parameters: 16 more each (fp32 master, gradient and two moments)</item>
/// <item>KV cache: batch · length · layers · 2 · key/value width · 2</item>
/// <item>activations: batch · length · 2 · (layers · (4 · hidden + 2 · query width + 2 · key/value width + 3 · inner) + 2 · hidden),
/// what the backward pass needs of every layer, in bf16, and one chunk of logits</item>
/// <item>logits: rows · vocabulary · 4; a row a sequence to sample, <see cref="LogitRows"/> to train</item>
/// </list>
/// </summary>
/// <param name="Sample">Weights, KV cache and logits.</param>
/// <param name="TrainFull">18 a parameter, activations and logits.</param>
/// <param name="TrainLora">2 a parameter, 18 a parameter of the adapter, activations and logits.</param>
public sealed record MemoryNeed(long Sample, long TrainFull, long TrainLora)
{
    /// <summary>Completion tokens whose logits exist at a time, forward and backward.</summary>
    public const int LogitRows = 512;

    /// <summary>PEFT's and TRL's usual rank.</summary>
    public const int DefaultLoraRank = 16;

    /// <param name="length">Tokens of a sequence, prompt and completion.</param>
    /// <param name="batch">Sequences at a time.</param>
    /// <param name="loraRank">Rank of adapters on all linear layers.</param>
    public static MemoryNeed Of(ModelConfig config, int length, int batch, int loraRank = DefaultLoraRank)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(loraRank);
        var layout = new ParameterLayout(config);
        var parameters = layout.Size;
        var adapter = loraRank * layout.Slots
            .Where(slot => slot.Shape.Count == 2 && slot.Name is not (ParameterLayout.Embedding or ParameterLayout.Head))
            .Sum(slot => slot.Shape[0] + slot.Shape[1]);
        var (queries, keys) = ((long)config.Heads * config.HeadDim, (long)config.KeyValueHeads * config.HeadDim);
        var tokens = (long)length * batch;
        var cache = tokens * config.Layers * 2 * keys * 2;
        var layer = (4L * config.HiddenSize) + (2 * queries) + (2 * keys) + (3L * config.IntermediateSize);
        var activations = tokens * 2 * ((config.Layers * layer) + (2L * config.HiddenSize));
        var logits = Math.Min(tokens, LogitRows) * config.VocabSize * 4;
        return new MemoryNeed(
            (2 * parameters) + cache + ((long)batch * config.VocabSize * 4),
            (18 * parameters) + activations + logits,
            (2 * parameters) + (18 * adapter) + activations + logits);
    }
}

using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>What the forward pass of a batch leaves for its backward pass. One batch, one tape.</summary>
internal sealed class Tape : IDisposable
{
    public Tape(ModelConfig config) => Layers = [.. Enumerable.Range(0, config.Layers).Select(index => new LayerTape(index))];

    public IReadOnlyList<LayerTape> Layers { get; }

    /// <summary>Memory of one row, of all layers: two residual streams in fp32, and the inputs of the products in their type.</summary>
    public static long BytesPerRow(ModelConfig config, ScalarType type)
    {
        long queries = (long)config.Heads * config.HeadDim, keys = (long)config.KeyValueHeads * config.HeadDim;
        var products = (2 * config.HiddenSize) + (2 * queries) + (2 * keys) + (3L * config.IntermediateSize);
        return config.Layers * ((2L * sizeof(float) * config.HiddenSize) + (products * Rows.SizeOf(type)));
    }

    public NormTape FinalNorm { get; } = new();

    public void Dispose()
    {
        foreach (var layer in Layers)
        {
            layer.Dispose();
        }

        FinalNorm.Dispose();
    }
}

/// <summary>One layer's part of a <see cref="Tape"/>.</summary>
internal sealed class LayerTape(int index) : IDisposable
{
    private Tensor[] kept = [];

    public NormTape AttentionNorm { get; } = new();

    public NormTape AttentionOutputNorm { get; } = new();

    public NormTape FeedForwardNorm { get; } = new();

    public NormTape FeedForwardOutputNorm { get; } = new();

    public IReadOnlyDictionary<string, NormTape> HeadNorms { get; } = new Dictionary<string, NormTape>(StringComparer.Ordinal)
    {
        [$"model.layers.{index}.self_attn.q_norm.weight"] = new(),
        [$"model.layers.{index}.self_attn.k_norm.weight"] = new(),
    };

    /// <summary>[rows, hidden] input of q, k, v.</summary>
    public Tensor Normed => kept[0];

    /// <summary>[rows, (heads + 2 · keyValueHeads) · headDim] rotated q, k, v.</summary>
    public Tensor Heads => kept[1];

    /// <summary>[rows, heads · headDim]</summary>
    public Tensor Attended => kept[2];

    /// <summary>[rows, hidden] input of the feed-forward part.</summary>
    public Tensor Normed2 => kept[3];

    /// <summary>[rows, 2 · inner]; backward replaces it by its gradient.</summary>
    public Tensor Gates => kept[4];

    /// <summary>[rows, inner]</summary>
    public Tensor Active => kept[5];

    public void Keep(params Tensor[] tensors) => kept = [.. tensors.Select(tensor => tensor.DetachFromDisposeScope())];

    public void Dispose()
    {
        foreach (var disposable in (IEnumerable<IDisposable>)[.. kept, .. HeadNorms.Values, AttentionNorm, AttentionOutputNorm, FeedForwardNorm, FeedForwardOutputNorm])
        {
            disposable.Dispose();
        }

        kept = [];
    }
}

/// <summary>What an RMSNorm's backward pass needs.</summary>
internal sealed class NormTape : IDisposable
{
    private Tensor? input;
    private Tensor? inverseDeviation;

    public Tensor Input => input!;

    /// <summary>[rows], fp32</summary>
    public Tensor InverseDeviation => inverseDeviation!;

    public void Keep(Tensor x, Tensor rstd)
    {
        input = x.alias().DetachFromDisposeScope();
        inverseDeviation = rstd.DetachFromDisposeScope();
    }

    public void Dispose()
    {
        input?.Dispose();
        inverseDeviation?.Dispose();
    }
}

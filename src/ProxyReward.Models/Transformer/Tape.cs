using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>
/// What the forward pass of a batch leaves for its backward pass: what only a matrix product could give again. What norms and the gate give is computed
/// again, which costs little. One batch, one tape.
/// </summary>
/// <param name="config">The model's shape.</param>
/// <param name="workspace">Whose rows are kept; they are given back with the tape.</param>
/// <param name="inputsOnly">Activation checkpointing: only the inputs of the layers are kept, and each layer is run again before its backward pass.</param>
internal sealed class Tape(ModelConfig config, Workspace workspace, bool inputsOnly = false) : IDisposable
{
    public IReadOnlyList<LayerTape> Layers { get; } = [.. Enumerable.Range(0, config.Layers).Select(_ => new LayerTape(workspace))];

    public bool InputsOnly => inputsOnly;

    /// <summary>Where the buffers of the batch come from.</summary>
    public Workspace Workspace => workspace;

    /// <summary>[rows, hidden] input of the final norm, fp32.</summary>
    public Tensor? Final { get; private set; }

    /// <summary>Memory of so many rows, of all layers and of what leaves the last.</summary>
    public static long Bytes(ModelConfig config, ScalarType type, long rows, bool inputsOnly)
    {
        var input = (long)sizeof(float) * config.HiddenSize;
        var layer = LayerTape.BytesPerRow(config, type);
        return rows * (input + (inputsOnly ? (config.Layers * input) + layer : config.Layers * (input + layer)));
    }

    public void KeepFinal(Tensor x) => Final = x;

    public void Dispose()
    {
        foreach (var layer in Layers)
        {
            layer.Dispose();
        }

        if (Final is { } final)
        {
            workspace.Return(final);
            Final = null;
        }
    }
}

/// <summary>One layer's part of a <see cref="Tape"/>.</summary>
internal sealed class LayerTape(Workspace workspace) : IDisposable
{
    private readonly List<Tensor> kept = [];

    /// <summary>[rows, hidden] the residual stream that entered, fp32.</summary>
    public Tensor Input { get; private set; } = null!;

    /// <summary>[rows, hidden] the residual stream between attention and feed-forward part, fp32.</summary>
    public Tensor Middle { get; private set; } = null!;

    /// <summary>[rows, (heads + 2 · keyValueHeads) · headDim] rotated q, k, v.</summary>
    public Tensor Heads { get; private set; } = null!;

    /// <summary>[rows, heads · headDim]</summary>
    public Tensor Attended { get; private set; } = null!;

    /// <summary>[rows, 2 · inner]; backward replaces it by its gradient.</summary>
    public Tensor Gates { get; private set; } = null!;

    /// <summary>[rows, (heads + keyValueHeads) · headDim] q and k before their norm; null where they have none.</summary>
    public Tensor? UnnormedHeads { get; private set; }

    /// <summary>[rows, hidden] what the attention adds, before its norm; null where it has none.</summary>
    public Tensor? AttentionBranch { get; private set; }

    /// <summary>[rows, hidden] what the feed-forward part adds, before its norm; null where it has none.</summary>
    public Tensor? FeedForwardBranch { get; private set; }

    /// <summary>Memory of one row, its input not counted.</summary>
    public static long BytesPerRow(ModelConfig config, ScalarType type)
    {
        long queries = (long)config.Heads * config.HeadDim, keys = (long)config.KeyValueHeads * config.HeadDim;
        var products = (2 * queries) + (2 * keys) + (2L * config.IntermediateSize)
            + (config.QkNorm ? queries + keys : 0) + (config.Gemma ? 2L * config.HiddenSize : 0);
        return ((long)sizeof(float) * config.HiddenSize) + (products * Rows.SizeOf(type));
    }

    public void KeepInput(Tensor x) => Input = Keep(x);

    /// <summary>Keeps the rest; the tensors then belong to the tape.</summary>
    public void KeepInner(Tensor heads, Tensor? unnormedHeads, Tensor attended, Tensor? attentionBranch, Tensor middle, Tensor gates, Tensor? feedForwardBranch)
    {
        (Heads, Attended, Middle, Gates) = (Keep(heads), Keep(attended), Keep(middle), Keep(gates));
        UnnormedHeads = unnormedHeads is null ? null : Keep(unnormedHeads);
        AttentionBranch = attentionBranch is null ? null : Keep(attentionBranch);
        FeedForwardBranch = feedForwardBranch is null ? null : Keep(feedForwardBranch);
    }

    public void Dispose()
    {
        foreach (var tensor in kept)
        {
            workspace.Return(tensor);
        }

        kept.Clear();
    }

    private Tensor Keep(Tensor tensor)
    {
        kept.Add(tensor);
        return tensor;
    }
}

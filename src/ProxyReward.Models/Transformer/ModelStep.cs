using System.Runtime.InteropServices;
using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Transformer;

/// <summary>Attends: stores the rows' keys and values and writes the heads' outputs.</summary>
/// <param name="layer">The layer's index.</param>
/// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim], rotated</param>
/// <param name="attended">[rows, heads · headDim]</param>
internal delegate void RowAttention(int layer, Rows qkv, Rows attended);

/// <summary>Puts the embeddings of tokens into rows.</summary>
internal delegate void RowEmbedding(int[] tokens, int[] positions, Rows x);

/// <summary>
/// One token of each of a few sequences through the model. The same formulas as <see cref="LanguageModel.Forward(PackedBatch)"/>, but in buffers
/// that are there beforehand, in fp32, and without tensors: for a few rows, making them costs more than the numbers. Not thread-safe.
/// </summary>
internal sealed unsafe class ModelStep : IDisposable
{
    private readonly ModelConfig config;
    private readonly IReadOnlyList<LayerStep> layers;
    private readonly NormStep finalNorm;
    private readonly LinearStep head;
    private readonly RowEmbedding embed;
    private readonly float* memory;
    private readonly int capacity;

    public ModelStep(ModelConfig config, IReadOnlyList<LayerStep> layers, NormStep finalNorm, LinearStep head, int rows, RowEmbedding embed)
    {
        (this.config, this.layers, this.finalNorm, this.head, this.embed, capacity) = (config, layers, finalNorm, head, embed, rows);
        memory = (float*)NativeMemory.AlignedAlloc((nuint)(rows * Widths().Sum(width => (long)width) * sizeof(float)), 64);
    }

    /// <returns>[rows, vocabulary] logits, until the next call</returns>
    public Rows Forward(int[] tokens, int[] positions, RowAttention attention)
    {
        if (tokens.Length > capacity)
        {
            throw new ArgumentException($"{tokens.Length} rows do not fit buffers for {capacity}", nameof(tokens));
        }

        var at = memory;
        var buffers = Widths().Select(width => Next(ref at, width, tokens.Length)).ToArray();
        var rows = new StepRows(buffers[0], buffers[1], buffers[2], buffers[3], buffers[4], buffers[5], buffers[6]);
        embed(tokens, positions, rows.X);
        for (var i = 0; i < layers.Count; i++)
        {
            layers[i].Forward(i, rows, positions, attention);
        }

        finalNorm.Apply(rows.X, rows.Normed);
        head.Apply(rows.Normed, buffers[7]);
        return buffers[7];
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(memory);

    private int[] Widths() =>
    [
        config.HiddenSize, config.HiddenSize, config.HiddenSize, (config.Heads + (2 * config.KeyValueHeads)) * config.HeadDim, config.Heads * config.HeadDim,
        2 * config.IntermediateSize, config.IntermediateSize, config.VocabSize,
    ];

    private Rows Next(ref float* at, int width, int rows)
    {
        var part = new Rows(at, rows, width);
        at += (long)capacity * width;
        return part;
    }
}

/// <summary>The activations of a step.</summary>
/// <param name="X">[rows, hidden] residual stream</param>
/// <param name="Normed">[rows, hidden]</param>
/// <param name="Branch">[rows, hidden] what is added to the residual stream</param>
/// <param name="Heads">[rows, (heads + 2 · keyValueHeads) · headDim]</param>
/// <param name="Attended">[rows, heads · headDim]</param>
/// <param name="Gates">[rows, 2 · inner]</param>
/// <param name="Active">[rows, inner]</param>
internal sealed record StepRows(Rows X, Rows Normed, Rows Branch, Rows Heads, Rows Attended, Rows Gates, Rows Active);

using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>Attends: stores the rows' keys and values and writes the heads' outputs.</summary>
/// <param name="layer">The layer's index.</param>
/// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim], rotated</param>
/// <param name="attended">[rows, heads · headDim]</param>
internal delegate void RowAttention(int layer, Rows qkv, Rows attended);

/// <summary>Puts the embeddings of tokens into rows.</summary>
internal delegate void RowEmbedding(int[] tokens, int[] positions, Rows x);

/// <summary>
/// One token of each of some sequences through the model. The same formulas as <see cref="LanguageModel.Forward(PackedBatch)"/>, but in buffers that are there
/// beforehand: for so few rows, making them costs more than the numbers. Few rows are kept in fp32, more of them in the compute type, as libtorch's products want them. Not thread-safe.
/// </summary>
internal sealed class ModelStep : IDisposable
{
    // oneDNN makes and keeps code for every number of rows that it meets, and sequences end one by one: it meets whole tiles only, whose last rows hold what was left there.
    private const int Tile = 16;

    private readonly IReadOnlyList<LayerStep> layers;
    private readonly NormStep finalNorm;
    private readonly LinearStep head;
    private readonly RowEmbedding embed;
    private readonly Tensor[] buffers; // [rows, width] each

    /// <param name="type">Of the model's products.</param>
    /// <param name="rows">Sequences at most.</param>
    public ModelStep(ModelConfig config, ScalarType type, IReadOnlyList<LayerStep> layers, NormStep finalNorm, LinearStep head, int rows, RowEmbedding embed)
    {
        (this.layers, this.finalNorm, this.head, this.embed) = (layers, finalNorm, head, embed);
        type = SkinnyProduct.Suits(rows, type) ? ScalarType.Float32 : type;
        Tensor Buffer(int width, ScalarType of) => empty(WholeTiles(rows), width, of, CPU).DetachFromDisposeScope();
        buffers =
        [
            Buffer(config.HiddenSize, ScalarType.Float32),
            .. ((int[])
            [
                config.HiddenSize, config.HiddenSize, (config.Heads + (2 * config.KeyValueHeads)) * config.HeadDim, config.Heads * config.HeadDim,
                2 * config.IntermediateSize, config.IntermediateSize, config.VocabSize,
            ]).Select(width => Buffer(width, type)),
        ];
    }

    /// <returns>[rows, vocabulary] logits, until the next call</returns>
    public Rows Forward(int[] tokens, int[] positions, RowAttention attention)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        StepBuffer[] of = [.. buffers.Select(buffer => new StepBuffer(buffer.narrow(0, 0, WholeTiles(tokens.Length)), buffer.narrow(0, 0, tokens.Length)))];
        var rows = new StepRows(of[0], of[1], of[2], of[3], of[4], of[5], of[6]);
        embed(tokens, positions, rows.X.Rows);
        for (var i = 0; i < layers.Count; i++)
        {
            layers[i].Forward(i, rows, positions, attention);
        }

        finalNorm.Apply(rows.X.Rows, rows.Normed.Rows);
        head.Apply(rows.Normed, of[7]);
        return of[7].Rows;
    }

    private static int WholeTiles(int rows) => (rows + Tile - 1) / Tile * Tile;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in buffers)
        {
            buffer.Dispose();
        }
    }
}

/// <summary>Activations of some rows: as libtorch sees them, in whole tiles, and as the kernels do.</summary>
internal readonly struct StepBuffer(Tensor tiles, Tensor rows)
{
    public Tensor Tiles { get; } = tiles;

    public Rows Rows { get; } = new(rows);
}

/// <summary>The activations of a step.</summary>
/// <param name="X">[rows, hidden] residual stream, fp32</param>
/// <param name="Normed">[rows, hidden]</param>
/// <param name="Branch">[rows, hidden] what is added to the residual stream</param>
/// <param name="Heads">[rows, (heads + 2 · keyValueHeads) · headDim]</param>
/// <param name="Attended">[rows, heads · headDim]</param>
/// <param name="Gates">[rows, 2 · inner]</param>
/// <param name="Active">[rows, inner]</param>
internal sealed record StepRows(StepBuffer X, StepBuffer Normed, StepBuffer Branch, StepBuffer Heads, StepBuffer Attended, StepBuffer Gates, StepBuffer Active);

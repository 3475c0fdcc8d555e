using ProxyReward.Models.Kernels;
using ProxyReward.Models.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Decoding;

/// <summary>
/// Keys and values of many sequences, preallocated. A sequence is a run of rows of its own after a prefix that it may share with others,
/// so that k responses to one prompt hold the prompt once. Not thread-safe.
/// </summary>
internal sealed class KvCache : IDisposable
{
    private readonly Tensor[] tensors;
    private readonly Rows[] layers; // [2 · keyValueHeads · capacity, width]: one head after the other, so that a head's tokens are neighbours
    private readonly int heads;
    private readonly int dim;

    /// <param name="rows">Tokens it can hold in all.</param>
    public KvCache(ModelConfig config, ScalarType type, int rows)
    {
        Capacity = rows;
        (heads, dim) = (2 * config.KeyValueHeads, config.HeadDim);
        tensors = [.. Enumerable.Range(0, config.Layers).Select(_ => zeros((long)heads * rows, WidthOf(config), type, CPU).DetachFromDisposeScope())];
        layers = [.. tensors.Select(tensor => new Rows(tensor))];
    }

    /// <summary>What the keys and values of so many tokens take.</summary>
    public static long Bytes(ModelConfig config, ScalarType type, long rows) =>
        rows * config.Layers * 2 * config.KeyValueHeads * WidthOf(config) * Rows.SizeOf(type);

    /// <summary>Numbers from token to token of a head: the head's width, then zeros up to whole vectors.</summary>
    public static int WidthOf(ModelConfig config) => (config.HeadDim + WideVectors.Step - 1) / WideVectors.Step * WideVectors.Step;

    /// <summary>Tokens it can hold in all.</summary>
    public int Capacity { get; }

    /// <summary>Rows that are given away.</summary>
    public int Used { get; private set; }

    /// <summary>Keeps a token's keys and values.</summary>
    /// <param name="keysAndValues">[2 · keyValueHeads · headDim]</param>
    public void Write(int layer, int row, ReadOnlySpan<float> keysAndValues)
    {
        for (var head = 0; head < heads; head++)
        {
            Write(layer, head, row, keysAndValues.Slice(head * dim, dim));
        }
    }

    /// <summary>Keeps one key, or one value where <paramref name="head"/> counts on after the keys'.</summary>
    public void Write(int layer, int head, int row, ReadOnlySpan<float> values) => layers[layer].Write(((long)head * Capacity) + row, 0, values);

    /// <summary>Whether they are kept as bf16.</summary>
    public bool IsBf16 => layers[0].IsBf16;

    /// <summary>Where a key (or value) lies; those of the rows that follow come after it.</summary>
    public unsafe byte* At(int layer, int head, int row) => layers[layer].At(((long)head * Capacity) + row);

    /// <summary>Keys (or values) of neighbouring rows.</summary>
    /// <param name="scratch">[count, width] for where they are not kept as fp32</param>
    /// <returns>[count, width]</returns>
    public unsafe float* Read(int layer, int head, int row, int count, float* scratch) =>
        layers[layer].Contiguous(((long)head * Capacity) + row, count, scratch);

    /// <summary>Gives a run of rows away.</summary>
    /// <returns>The first of them.</returns>
    public int Take(int rows)
    {
        if (Used + rows > Capacity)
        {
            throw new InvalidOperationException($"a cache of {Capacity} rows has no room for {rows} more");
        }

        var first = Used;
        Used += rows;
        return first;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in tensors)
        {
            tensor.Dispose();
        }
    }
}

/// <summary>Where a sequence's keys and values are.</summary>
/// <param name="PrefixRow">First row of the shared prefix.</param>
/// <param name="PrefixLength">Its tokens.</param>
/// <param name="OwnRow">First row of its own.</param>
internal readonly record struct CachedSequence(int PrefixRow, int PrefixLength, int OwnRow)
{
    /// <summary>The row of a position, counted from the beginning of the prefix.</summary>
    public int RowOf(int position) => position < PrefixLength ? PrefixRow + position : OwnRow + position - PrefixLength;

    /// <summary>How many rows from that of a position on are neighbours.</summary>
    public int RunFrom(int position) => position < PrefixLength ? PrefixLength - position : int.MaxValue;
}

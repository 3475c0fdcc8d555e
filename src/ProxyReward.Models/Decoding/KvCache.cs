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
    private readonly Tensor[] layers;

    /// <param name="rows">Tokens it can hold in all.</param>
    public KvCache(ModelConfig config, ScalarType type, int rows)
    {
        Capacity = rows;
        layers = [.. Enumerable.Range(0, config.Layers).Select(_ =>
            empty(rows, 2L * config.KeyValueHeads * config.HeadDim, type, CPU).DetachFromDisposeScope())];
    }

    /// <summary>What the keys and values of so many tokens take.</summary>
    public static long Bytes(ModelConfig config, ScalarType type, long rows) =>
        rows * config.Layers * 2 * config.KeyValueHeads * config.HeadDim * Rows.SizeOf(type);

    /// <summary>Tokens it can hold in all.</summary>
    public int Capacity { get; }

    /// <summary>Rows that are given away.</summary>
    public int Used { get; private set; }

    /// <summary>[rows, 2 · keyValueHeads · headDim]: keys, then values.</summary>
    public Rows Layer(int layer) => new(layers[layer]);

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
        foreach (var layer in layers)
        {
            layer.Dispose();
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
}

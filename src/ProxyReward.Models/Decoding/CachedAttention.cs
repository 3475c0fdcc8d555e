using System.Numerics.Tensors;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Decoding;

/// <summary>
/// Attention of one new token per sequence with everything before it in a <see cref="KvCache"/>: stores the token's key and value, then reads
/// each cached row once for all query heads that share it. In fp32.
/// </summary>
/// <param name="config">The model's shape.</param>
/// <param name="cache">Keys and values so far.</param>
/// <param name="sequences">[rows] the sequence of each row</param>
/// <param name="positions">[rows] the position of each row's token</param>
internal sealed unsafe class CachedAttention(ModelConfig config, KvCache cache, IReadOnlyList<CachedSequence> sequences, int[] positions)
{
    private readonly int dim = config.HeadDim;
    private readonly int width = KvCache.WidthOf(config);
    private readonly int group = config.Heads / config.KeyValueHeads;
    private readonly bool wide = WideVectors.Suit(KvCache.WidthOf(config));
    private readonly Scratch?[] scratches = new Scratch?[Parts.Count];

    /// <param name="input">[rows, (heads + 2 · keyValueHeads) · headDim], rotated</param>
    /// <param name="result">[rows, heads · headDim]; written</param>
    /// <param name="window">Tokens that are seen, the current one included; null for all.</param>
    public void Forward(int layer, Rows input, Rows result, int? window)
    {
        Parts.For(positions.Length * config.KeyValueHeads, (part, from, to) =>
        {
            var scratch = scratches[part] ??= new Scratch(group, width, positions.Max() + 1);
            for (var item = from; item < to; item++)
            {
                Attend(layer, item / config.KeyValueHeads, item % config.KeyValueHeads, input, result, window, scratch);
            }
        });
    }

    private void Attend(int layer, int row, int head, Rows input, Rows result, int? window, Scratch scratch)
    {
        int last = positions[row], first = window is { } limit ? Math.Max(0, last - limit + 1) : 0, seen = last - first + 1;
        var temporary = scratch.Temporary.AsSpan(0, dim);
        var own = sequences[row].RowOf(last);
        cache.Write(layer, head, own, input.Read(row, (config.Heads + head) * dim, dim, temporary));
        cache.Write(layer, config.KeyValueHeads + head, own, input.Read(row, (config.Heads + config.KeyValueHeads + head) * dim, dim, temporary));
        for (var member = 0; member < group; member++)
        {
            TensorPrimitives.Multiply(input.Read(row, ((head * group) + member) * dim, dim, temporary), (float)config.AttentionScale, temporary);
            WideVectors.Arrange(scratch.Temporary, scratch.Queries.AsSpan(member * width, width), wide && cache.IsBf16);
        }

        fixed (float* queries = scratch.Queries, outputs = scratch.Outputs, weights = scratch.Weights, products = scratch.Products, kept = scratch.Kept)
        {
            for (int at = first, count; at <= last; at += count)
            {
                count = Together(row, at, last);
                var from = sequences[row].RowOf(at);
                if (wide)
                {
                    WideVectors.Dots(cache.At(layer, head, from), cache.IsBf16, count, queries, group, width, weights + (at - first), scratch.Stride);
                    continue;
                }

                SkinnyProduct.Multiply(cache.Read(layer, head, from, count, kept), count, queries, group, width, products);
                for (var member = 0; member < group; member++)
                {
                    scratch.Products.AsSpan(member * SkinnyProduct.Block, count).CopyTo(scratch.Weights.AsSpan((member * scratch.Stride) + at - first));
                }
            }

            for (var member = 0; member < group; member++)
            {
                var weight = scratch.Weights.AsSpan(member * scratch.Stride, seen);
                var (_, sum) = LogProb.Exponentials(weight, weight);
                TensorPrimitives.Multiply(weight, (float)(1 / sum), weight);
            }

            scratch.Outputs.AsSpan().Clear();
            for (int at = first, count; at <= last; at += count)
            {
                count = Together(row, at, last);
                var from = sequences[row].RowOf(at);
                if (!wide)
                {
                    var values = cache.Read(layer, config.KeyValueHeads + head, from, count, kept);
                    SmallGemm.Add(weights + (at - first), scratch.Stride, 1, values, width, outputs, width, group, width, count);
                    continue;
                }

                for (var member = 0; member < group; member++)
                {
                    WideVectors.Mix(
                        cache.At(layer, config.KeyValueHeads + head, from), cache.IsBf16, count, weights + (member * scratch.Stride) + (at - first), width, outputs + (member * width));
                }
            }
        }

        for (var member = 0; member < group; member++)
        {
            WideVectors.Arrange(scratch.Outputs.AsSpan(member * width, width), scratch.Temporary, wide && cache.IsBf16, back: true);
            result.Write(row, ((head * group) + member) * dim, temporary);
        }
    }

    /// <summary>How many tokens from a position on are read at once.</summary>
    private int Together(int row, int position, int last) =>
        Math.Min(Math.Min(wide ? int.MaxValue : SkinnyProduct.Block, last + 1 - position), sequences[row].RunFrom(position));

    /// <summary>One thread's working memory; what lies between the heads' width and whole vectors stays 0.</summary>
    private sealed class Scratch(int group, int width, int longest)
    {
        public float[] Temporary { get; } = new float[width];

        /// <summary>[group, width]</summary>
        public float[] Queries { get; } = new float[group * width];

        /// <summary>[group, width]</summary>
        public float[] Outputs { get; } = new float[group * width];

        /// <summary>Numbers from row to row of the weights: some are written beyond the last.</summary>
        public int Stride => longest + SkinnyProduct.Block;

        /// <summary>[group, stride]</summary>
        public float[] Weights { get; } = new float[group * (longest + SkinnyProduct.Block)];

        /// <summary>[group, block]</summary>
        public float[] Products { get; } = new float[group * SkinnyProduct.Block];

        /// <summary>[block, width]</summary>
        public float[] Kept { get; } = new float[SkinnyProduct.Block * width];
    }
}

using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Decoding;

/// <summary>
/// Attention of one new token per sequence with everything before it in a <see cref="KvCache"/>: stores the token's key and value, then reads
/// each cached row once for all query heads that share it. Memory-bound, in fp32.
/// </summary>
/// <param name="config">The model's shape.</param>
/// <param name="cache">Keys and values so far.</param>
/// <param name="sequences">[rows] the sequence of each row</param>
/// <param name="positions">[rows] the position of each row's token</param>
internal sealed unsafe class CachedAttention(ModelConfig config, KvCache cache, IReadOnlyList<CachedSequence> sequences, int[] positions)
{
    private readonly int dim = config.HeadDim;
    private readonly int group = config.Heads / config.KeyValueHeads;
    private readonly int keyColumns = config.KeyValueHeads * config.HeadDim;

    /// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim], rotated</param>
    /// <param name="window">Tokens that are seen, the current one included; null for all.</param>
    /// <returns>[rows, heads · headDim]</returns>
    public Tensor Forward(int layer, Tensor qkv, int? window)
    {
        var output = empty(qkv.shape[0], (long)config.Heads * dim, qkv.dtype, qkv.device);
        Rows input = new(qkv), result = new(output), memory = cache.Layer(layer);
        Parts.For(positions.Length * config.KeyValueHeads, (_, from, to) =>
        {
            var scratch = new float[AttentionScratch.Padded(dim) * ((2 * group) + 1)];
            var scores = new float[group * (positions.Max() + 1)];
            for (var item = from; item < to; item++)
            {
                Attend(item / config.KeyValueHeads, item % config.KeyValueHeads, input, result, memory, window, scratch, scores);
            }
        });
        return output;
    }

    private void Attend(int row, int head, Rows input, Rows result, Rows memory, int? window, float[] scratch, float[] scores)
    {
        var sequence = sequences[row];
        int last = positions[row], first = window is { } width ? Math.Max(0, last - width + 1) : 0, seen = last - first + 1;
        var temporary = scratch.AsSpan(^dim..);
        foreach (var (source, target) in (ReadOnlySpan<(int, int)>)[(config.Heads + head, head), (config.Heads + config.KeyValueHeads + head, config.KeyValueHeads + head)])
        {
            memory.Write(sequence.RowOf(last), target * dim, input.Read(row, source * dim, dim, temporary));
        }

        var stride = AttentionScratch.Padded(dim);
        fixed (float* queries = scratch, weights = scores)
        {
            var outputs = queries + (group * stride);
            for (var member = 0; member < group; member++)
            {
                var query = new Span<float>(queries + (member * stride), dim);
                TensorPrimitives.Multiply(input.Read(row, ((head * group) + member) * dim, dim, temporary), (float)config.AttentionScale, query);
            }

            new Span<float>(outputs, group * stride).Clear();
            for (var i = 0; i < seen; i++)
            {
                memory.Dot(sequence.RowOf(first + i), head * dim, dim, queries, stride, group, weights + i, seen);
            }

            for (var member = 0; member < group; member++)
            {
                var weight = new Span<float>(weights + (member * seen), seen);
                var (_, sum) = LogProb.Exponentials(weight, weight);
                TensorPrimitives.Multiply(weight, (float)(1 / sum), weight);
            }

            for (var i = 0; i < seen; i++)
            {
                memory.AddScaled(sequence.RowOf(first + i), keyColumns + (head * dim), dim, weights + i, seen, group, outputs, stride);
            }

            for (var member = 0; member < group; member++)
            {
                result.Write(row, ((head * group) + member) * dim, new ReadOnlySpan<float>(outputs + (member * stride), dim));
            }
        }
    }
}

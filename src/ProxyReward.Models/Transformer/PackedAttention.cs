using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>
/// Causal attention of packed sequences with themselves, in fp32, each thread one sequence and key-value head at a time: keys after a block of
/// queries are never touched, keys and values never repeated for the query heads that share them, and backward computes the
/// probabilities again instead of keeping them. (libtorch's flash kernel took five times as long on sequences of 150 tokens,
/// its batched products ten times.)
/// </summary>
/// <param name="config">The model's shape.</param>
/// <param name="batch">The sequences.</param>
/// <param name="window">Tokens that are seen, the current one included; null for all.</param>
internal sealed unsafe class PackedAttention(ModelConfig config, PackedBatch batch, int? window)
{
    private readonly int dim = config.HeadDim;
    private readonly int group = config.Heads / config.KeyValueHeads;
    private readonly float scale = (float)config.AttentionScale;

    /// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim], rotated</param>
    /// <returns>[rows, heads · headDim]</returns>
    public Tensor Forward(Tensor qkv)
    {
        var output = empty(batch.Rows, (long)config.Heads * dim, qkv.dtype, qkv.device);
        Rows input = new(qkv), result = new(output);
        ForEachKeyValueHead((s, start, length, head) =>
        {
            ReadKeysAndValues(s, input, start, length, head);
            for (var member = head * group; member < (head + 1) * group; member++)
            {
                s.Read(input, start, length, member * dim, s.Query);
                new Span<float>(s.Output, length * s.Width).Clear();
                for (var first = 0; first < length; first += AttentionScratch.Block)
                {
                    var count = Math.Min(AttentionScratch.Block, length - first);
                    Probabilities(s, first, count);
                    SmallGemm.Add(s.Probability, s.Length, 1, s.Value, s.Width, s.Output + (first * s.Width), s.Width, count, s.Width, first + count);
                }

                s.Write(s.Output, result, start, length, member * dim);
            }
        });
        return output;
    }

    /// <param name="qkv">As in forward.</param>
    /// <param name="dOutput">[rows, heads · headDim]</param>
    /// <returns>[rows, (heads + 2 · keyValueHeads) · headDim]</returns>
    public Tensor Backward(Tensor qkv, Tensor dOutput)
    {
        var dQkv = empty_like(qkv);
        Rows input = new(qkv), up = new(dOutput), result = new(dQkv);
        ForEachKeyValueHead((s, start, length, head) =>
        {
            ReadKeysAndValues(s, input, start, length, head);
            s.Transpose(s.Value, s.ValueTransposed, length);
            new Span<float>(s.DKey, length * s.Width).Clear();
            new Span<float>(s.DValue, length * s.Width).Clear();
            for (var member = head * group; member < (head + 1) * group; member++)
            {
                s.Read(input, start, length, member * dim, s.Query);
                s.Read(up, start, length, member * dim, s.Output);
                new Span<float>(s.DQuery, length * s.Width).Clear();
                for (var first = 0; first < length; first += AttentionScratch.Block)
                {
                    BackwardBlock(s, first, Math.Min(AttentionScratch.Block, length - first));
                }

                s.Write(s.DQuery, result, start, length, member * dim);
            }

            s.Write(s.DKey, result, start, length, (config.Heads + head) * dim);
            s.Write(s.DValue, result, start, length, (config.Heads + config.KeyValueHeads + head) * dim);
        });
        return dQkv;
    }

    private void BackwardBlock(AttentionScratch s, int first, int count)
    {
        var at = first * s.Width;
        var keys = first + count;
        Probabilities(s, first, count);
        SmallGemm.Add(s.Probability, 1, s.Length, s.Output + at, s.Width, s.DValue, s.Width, keys, s.Width, count); // dV += Pᵀ·dO
        Clear(s.DProbability, s.Length, count, keys);
        SmallGemm.Add(s.Output + at, s.Width, 1, s.ValueTransposed, s.Length, s.DProbability, s.Length, count, AttentionScratch.Padded(keys), dim);
        s.SoftmaxBackward(count, keys, scale);
        SmallGemm.Add(s.DProbability, s.Length, 1, s.Key, s.Width, s.DQuery + at, s.Width, count, s.Width, keys); // dQ += dS·K
        SmallGemm.Add(s.DProbability, 1, s.Length, s.Query + at, s.Width, s.DKey, s.Width, keys, s.Width, count); // dK += dSᵀ·Q
    }

    private void Probabilities(AttentionScratch s, int first, int count)
    {
        var keys = first + count;
        Clear(s.Probability, s.Length, count, keys);
        SmallGemm.Add(s.Query + (first * s.Width), s.Width, 1, s.KeyTransposed, s.Length, s.Probability, s.Length, count, AttentionScratch.Padded(keys), dim);
        s.Softmax(first, count, keys, window, scale);
    }

    private void ReadKeysAndValues(AttentionScratch s, Rows qkv, int start, int length, int head)
    {
        s.Read(qkv, start, length, (config.Heads + head) * dim, s.Key);
        s.Read(qkv, start, length, (config.Heads + config.KeyValueHeads + head) * dim, s.Value);
        s.Transpose(s.Key, s.KeyTransposed, length);
    }

    private static void Clear(float* rows, int stride, int count, int keys)
    {
        for (var i = 0; i < count; i++)
        {
            new Span<float>(rows + (i * stride), AttentionScratch.Padded(keys)).Clear();
        }
    }

    /// <summary>Longest sequences first, so that no thread is left with a long one at the end. Which thread does what changes no number.</summary>
    private void ForEachKeyValueHead(Action<AttentionScratch, int, int, int> work)
    {
        var longest = batch.Lengths.Max();
        var items = Enumerable.Range(0, batch.Lengths.Length).OrderByDescending(i => batch.Lengths[i])
            .SelectMany(i => Enumerable.Range(0, config.KeyValueHeads).Select(head => (Sequence: i, Head: head))).ToArray();
        var next = -1;
        Parts.For(Parts.Count, (_, from, to) =>
        {
            if (from == to)
            {
                return;
            }

            using var scratch = new AttentionScratch(longest, dim);
            for (var i = Interlocked.Increment(ref next); i < items.Length; i = Interlocked.Increment(ref next))
            {
                var (sequence, head) = items[i];
                work(scratch, batch.Starts[sequence], batch.Lengths[sequence], head);
            }
        });
    }
}

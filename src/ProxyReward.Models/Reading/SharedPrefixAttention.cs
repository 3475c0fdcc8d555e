using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Transformer;
using static TorchSharp.torch;

namespace ProxyReward.Models.Reading;

/// <summary>
/// Causal attention of a <see cref="SharedPrefix"/>, in fp32: keys and values are laid out once for all, then each thread takes a block of
/// queries of one head at a time. Not thread-safe; its memory serves every layer.
/// </summary>
internal sealed unsafe class SharedPrefixAttention : IDisposable
{
    private const int Block = 32;
    private readonly ModelConfig config;
    private readonly SharedPrefix batch;
    private readonly int dim;
    private readonly int width;
    private readonly int length;
    private readonly float* keys; // [keyValueHeads, headDim, length]
    private readonly float* values; // [keyValueHeads, rows, width]
    private readonly float*[] scratch; // a part each: [block, length] scores, [block, width] queries, [block, width] outputs

    public SharedPrefixAttention(ModelConfig config, SharedPrefix batch)
    {
        (this.config, this.batch) = (config, batch);
        dim = config.HeadDim;
        width = AttentionScratch.Padded(dim);
        length = AttentionScratch.Padded(batch.Tokens.Length);
        keys = Allocate((long)config.KeyValueHeads * dim * length);
        values = Allocate((long)config.KeyValueHeads * batch.Tokens.Length * width);
        scratch = new float*[Parts.Count];
        for (var part = 0; part < scratch.Length; part++)
        {
            scratch[part] = Allocate(Block * ((long)length + (2 * width)));
        }
    }

    /// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim], rotated</param>
    /// <param name="window">Tokens that are seen, the current one included; null for all.</param>
    /// <param name="attended">[rows, heads · headDim]; written</param>
    public void Forward(Tensor qkv, Tensor attended, int? window)
    {
        Rows input = new(qkv), result = new(attended);
        Parts.For(batch.Tokens.Length, (_, from, to) => LayOut(input, from, to));

        // The last blocks see most: they go first, so that no thread is left with a long one. Who does what changes no number.
        var blocks = (batch.Tokens.Length + Block - 1) / Block;
        var next = blocks * config.Heads;
        Parts.For(Parts.Count, (part, from, to) =>
        {
            for (int item; from < to && (item = Interlocked.Decrement(ref next)) >= 0;)
            {
                Attend(scratch[part], input, result, item / config.Heads * Block, item % config.Heads, window);
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(keys);
        NativeMemory.AlignedFree(values);
        foreach (var part in scratch)
        {
            NativeMemory.AlignedFree(part);
        }
    }

    private static float* Allocate(long size)
    {
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)size * sizeof(float), 64);
        NativeMemory.Clear(memory, (nuint)size * sizeof(float));
        return memory;
    }

    private void LayOut(Rows input, int from, int to)
    {
        Span<float> temporary = stackalloc float[dim];
        for (var row = from; row < to; row++)
        {
            for (var head = 0; head < config.KeyValueHeads; head++)
            {
                var key = input.Read(row, (config.Heads + head) * dim, dim, temporary);
                var column = keys + ((long)head * dim * length) + row;
                for (var d = 0; d < dim; d++)
                {
                    column[(long)d * length] = key[d];
                }

                input.Read(row, (config.Heads + config.KeyValueHeads + head) * dim, dim, temporary)
                    .CopyTo(new Span<float>(values + ((((long)head * batch.Tokens.Length) + row) * width), dim));
            }
        }
    }

    private void Attend(float* scores, Rows input, Rows result, int first, int head, int? window)
    {
        float* queries = scores + (Block * length), outputs = queries + (Block * width);
        var keyValueHead = head / (config.Heads / config.KeyValueHeads);
        int count = Math.Min(Block, batch.Tokens.Length - first), seen = first + count;
        for (var i = 0; i < count; i++)
        {
            var query = new Span<float>(queries + (i * width), dim);
            TensorPrimitives.Multiply(input.Read(first + i, head * dim, dim, query), (float)config.AttentionScale, query);
            new Span<float>(scores + (i * length), AttentionScratch.Padded(seen)).Clear();
        }

        SmallGemm.Add(queries, width, 1, keys + ((long)keyValueHead * dim * length), length, scores, length, count, AttentionScratch.Padded(seen), dim);
        for (var i = 0; i < count; i++)
        {
            Softmax(new Span<float>(scores + (i * length), AttentionScratch.Padded(seen)), first + i, window);
        }

        new Span<float>(outputs, count * width).Clear();
        SmallGemm.Add(scores, length, 1, values + ((long)keyValueHead * batch.Tokens.Length * width), width, outputs, width, count, width, seen);
        for (var i = 0; i < count; i++)
        {
            result.Write(first + i, head * dim, new ReadOnlySpan<float>(outputs + (i * width), dim));
        }
    }

    /// <summary>Softmax of what a row sees: the prefix, its own continuation up to itself, of both what its window reaches. Zeros elsewhere.</summary>
    private void Softmax(Span<float> scores, int row, int? window)
    {
        var (prefix, begin) = (batch.Length, batch.Begins[row]);
        var oldest = window is { } reach ? Math.Max(0, batch.Positions[row] - reach + 1) : 0; // a position
        var from = oldest < prefix ? oldest : oldest - prefix + begin;
        if (row >= prefix && from < prefix)
        {
            scores[prefix..begin].Fill(float.NegativeInfinity);
        }

        var seen = scores[from..(row + 1)];
        var (_, sum) = LogProb.Exponentials(seen, seen);
        TensorPrimitives.Multiply(seen, (float)(1 / sum), seen);
        scores[..from].Clear();
        scores[(row + 1)..].Clear();
    }
}

using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Kernels;

/// <summary>
/// One thread's working memory for the attention of one group of sequences and one head: fp32 matrices whose rows are padded to whole vectors, the padding 0.
/// </summary>
internal sealed unsafe class AttentionScratch : IDisposable
{
    /// <summary>Queries worked on at a time.</summary>
    public const int Block = 32;

    private readonly int dim;
    private readonly float* memory;

    /// <param name="longest">Tokens of the longest sequence, its prefix included.</param>
    /// <param name="headDim">Width of a head.</param>
    public AttentionScratch(int longest, int headDim)
    {
        dim = headDim;
        Width = Padded(headDim);
        Length = Padded(longest);
        var rows = Length * Width;
        var size = (9 * rows) + (2 * Block * Length);
        memory = (float*)NativeMemory.AlignedAlloc((nuint)size * sizeof(float), 64);
        new Span<float>(memory, size).Clear();
        float* next = memory;
        Query = next;
        Key = next += rows;
        KeyTransposed = next += rows;
        Value = next += rows;
        ValueTransposed = next += rows;
        Output = next += rows;
        DQuery = next += rows;
        DKey = next += rows;
        DValue = next += rows;
        Probability = next += rows;
        DProbability = next + (Block * Length);
    }

    /// <summary>Floats from row to row of [length, headDim] matrices.</summary>
    public int Width { get; }

    /// <summary>Floats from row to row of [headDim, length] and [block, length] matrices.</summary>
    public int Length { get; }

    public float* Query { get; }
    public float* Key { get; }
    public float* KeyTransposed { get; }
    public float* Value { get; }
    public float* ValueTransposed { get; }

    /// <summary>The heads' output in forward, its gradient in backward.</summary>
    public float* Output { get; }

    public float* DQuery { get; }
    public float* DKey { get; }
    public float* DValue { get; }

    /// <summary>[block, length]</summary>
    public float* Probability { get; }

    /// <summary>[block, length]</summary>
    public float* DProbability { get; }

    /// <summary>The next multiple of a vector's width.</summary>
    public static int Padded(int count) => (count + SmallGemm.Lane - 1) / SmallGemm.Lane * SmallGemm.Lane;

    /// <summary>Reads rows to where their positions are.</summary>
    public void Read(Rows from, Segment segment, int column, float* to)
    {
        for (var i = 0; i < segment.Length; i++)
        {
            var target = new Span<float>(to + ((segment.Position + i) * Width), dim);
            var values = from.Read(segment.Start + i, column, dim, target);
            if (values != target)
            {
                values.CopyTo(target);
            }
        }
    }

    /// <summary>Writes rows from where their positions are.</summary>
    public void Write(float* from, Rows to, Segment segment, int column)
    {
        for (var i = 0; i < segment.Length; i++)
        {
            to.Write(segment.Start + i, column, new ReadOnlySpan<float>(from + ((segment.Position + i) * Width), dim));
        }
    }

    public void Clear(float* rows, Segment segment) => new Span<float>(rows + (segment.Position * Width), segment.Length * Width).Clear();

    /// <summary>A segment's part of [length, headDim] to [headDim, length], zero after it up to whole vectors.</summary>
    public void Transpose(float* from, float* to, Segment segment)
    {
        var end = segment.Position + segment.Length;
        for (var d = 0; d < dim; d++)
        {
            var target = to + (d * Length);
            for (var i = segment.Position; i < end; i++)
            {
                target[i] = from[(i * Width) + d];
            }

            new Span<float>(target + end, Padded(end) - end).Clear();
        }
    }

    /// <summary>Softmax of the visible part of each row of scores, zeros elsewhere.</summary>
    public void Softmax(int first, int count, int keys, int? window, float scale)
    {
        for (var i = 0; i < count; i++)
        {
            var row = new Span<float>(Probability + (i * Length), keys);
            var from = window is { } width ? Math.Max(0, first + i - width + 1) : 0;
            var seen = row[from..(first + i + 1)];
            TensorPrimitives.Multiply(seen, scale, seen);
            var (_, sum) = LogProb.Exponentials(seen, seen);
            TensorPrimitives.Multiply(seen, (float)(1 / sum), seen);
            row[..from].Clear();
            row[(first + i + 1)..].Clear();
        }
    }

    /// <summary>Replaces the gradient of each row of probabilities by that of the unscaled scores.</summary>
    public void SoftmaxBackward(int count, int keys, float scale)
    {
        for (var i = 0; i < count; i++)
        {
            var p = new ReadOnlySpan<float>(Probability + (i * Length), keys);
            var d = new Span<float>(DProbability + (i * Length), keys);
            TensorPrimitives.Subtract(d, TensorPrimitives.Dot(p, d), d);
            TensorPrimitives.Multiply(d, p, d);
            TensorPrimitives.Multiply(d, scale, d);
        }
    }

    public void Dispose() => NativeMemory.AlignedFree(memory);
}

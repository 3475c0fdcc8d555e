using System.Numerics.Tensors;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>
/// The fp32 gradient of every parameter of a layout, one flat buffer that gradients are added to. What is not in the layout is frozen: it is given
/// no gradient, and no time. Not thread-safe.
/// </summary>
public sealed class Gradients : IDisposable
{
    private const int Chunk = 1 << 14;
    private readonly ParameterLayout layout;
    private readonly unsafe float* start;
    private Tensor? product; // of the largest matrix so far

    /// <summary>Gradients of zero.</summary>
    public unsafe Gradients(ParameterLayout layout)
    {
        this.layout = layout;
        Flat = zeros(layout.Size, ScalarType.Float32, CPU).DetachFromDisposeScope();
        start = (float*)Rows.Pointer(Flat);
    }

    /// <summary>What the gradients of a layout take.</summary>
    public static long Bytes(ParameterLayout layout) => layout.Size * sizeof(float);

    /// <summary>[size], fp32, in the order of the layout.</summary>
    public Tensor Flat { get; }

    /// <summary>Whether a parameter is trained.</summary>
    public bool Holds(string name) => layout.Contains(name);

    /// <summary>The gradient of one parameter.</summary>
    public Span<float> Of(string name) => Parameters.Slice(Flat, layout[name]);

    /// <summary>Sets all to zero.</summary>
    public void Clear() => Parts.For((int)((layout.Size + Chunk - 1) / Chunk), (_, from, to) => Range(from, to).Clear());

    /// <summary>Adds up those of all processes, in pieces that MPI's buffers and counts are no limit to.</summary>
    public void SumOver(Ranks ranks)
    {
        const int piece = 1 << 24;
        for (long at = 0; at < layout.Size; at += piece)
        {
            ranks.Sum(Range(at, (int)Math.Min(piece, layout.Size - at)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flat.Dispose();
        product?.Dispose();
    }

    /// <summary>Adds dyᵀ·x to the gradient of a matrix, or of neighbours that are used as one.</summary>
    /// <param name="first">The parameter, or the first of its group.</param>
    /// <param name="dy">[rows, outputs]</param>
    /// <param name="x">[rows, inputs]</param>
    internal void AddOuter(string first, Tensor dy, Tensor x)
    {
        if (!Holds(first))
        {
            return;
        }

        using var transposed = dy.t();
        if (dy.dtype == Flat.dtype)
        {
            using var part = Flat.narrow(0, layout[first].Offset, dy.shape[1] * x.shape[1]);
            using var matrix = part.view(dy.shape[1], x.shape[1]);
            matrix.addmm_(transposed, x, 1, 1);
            return;
        }

        using var outer = Product(dy.shape[1], x.shape[1], dy.dtype);
        outer.addmm_(transposed, x, beta: 0, alpha: 1);
        Add(layout[first].Offset, outer);
    }

    /// <summary>Adds the column sums of dy to the gradient of a bias, or of neighbours that are used as one.</summary>
    internal void AddColumnSums(string first, Tensor dy)
    {
        if (!Holds(first))
        {
            return;
        }

        using var sums = dy.sum(0, type: ScalarType.Float32);
        Add(layout[first].Offset, sums);
    }

    /// <summary>A vector's gradient as a tensor over this buffer, null where it is frozen; the caller disposes it.</summary>
    internal Tensor? Vector(string name) => Holds(name) ? Flat.narrow(0, layout[name].Offset, layout[name].Size) : null;

    /// <summary>A matrix of unknown content in memory that serves again and again.</summary>
    private Tensor Product(long rows, long columns, ScalarType type)
    {
        if (product is null || product.numel() < rows * columns || product.dtype != type)
        {
            product?.Dispose();
            product = empty(rows * columns, type, Flat.device).DetachFromDisposeScope();
        }

        using var part = product.narrow(0, 0, rows * columns);
        return part.view(rows, columns);
    }

    private void Add(long offset, Tensor values)
    {
        using var flat = values.view(1, -1);
        var source = new Rows(flat);
        var size = (int)values.numel();
        Parts.For((size + Chunk - 1) / Chunk, (_, from, to) =>
        {
            Span<float> scratch = new float[Chunk];
            for (var chunk = from; chunk < to; chunk++)
            {
                var length = Math.Min(Chunk, size - (chunk * Chunk));
                var target = Range(offset + ((long)chunk * Chunk), length);
                TensorPrimitives.Add(target, source.Read(0, chunk * Chunk, length, scratch), target);
            }
        });
    }

    private Span<float> Range(int fromChunk, int toChunk)
    {
        var first = (long)fromChunk * Chunk;
        return Range(first, (int)(Math.Min((long)toChunk * Chunk, layout.Size) - first));
    }

    private unsafe Span<float> Range(long offset, int length) => new(start + offset, length);
}

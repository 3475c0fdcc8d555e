using System.Numerics.Tensors;
using static TorchSharp.torch;

namespace ProxyReward.Models.Kernels;

/// <summary>Rotary position embedding, rotate-half form (arXiv 2104.09864), in place over the leading heads of each row.</summary>
internal static class Rotary
{
    /// <param name="x">[rows, columns]; the first heads · headDim columns are rotated</param>
    /// <param name="table">Angles of every position.</param>
    /// <param name="positions">The position of each row.</param>
    /// <param name="inverse">Rotates back: the gradient of the rotation.</param>
    public static void Apply(Tensor x, RotaryTable table, int[] positions, int heads, bool inverse)
    {
        Apply(new Rows(x), table, positions, heads, inverse);
    }

    /// <summary>The same on rows.</summary>
    public static void Apply(Rows rows, RotaryTable table, int[] positions, int heads, bool inverse)
    {
        int dim = table.HeadDim, half = dim / 2;
        Parts.For(rows.Count, (_, from, to) =>
        {
            Span<float> scratch = new float[heads * dim], result = new float[heads * dim], t = new float[half], sin = new float[half];
            for (var row = from; row < to; row++)
            {
                var value = rows.Read(row, 0, heads * dim, scratch);
                var cos = table.Cos(positions[row]);
                table.Sin(positions[row]).CopyTo(sin);
                if (inverse)
                {
                    TensorPrimitives.Negate(sin, sin);
                }

                for (var head = 0; head < heads; head++)
                {
                    ReadOnlySpan<float> a = value.Slice(head * dim, half), b = value.Slice((head * dim) + half, half);
                    Span<float> first = result.Slice(head * dim, half), second = result.Slice((head * dim) + half, half);
                    TensorPrimitives.Multiply(b, sin, t);
                    TensorPrimitives.Multiply(a, cos, first);
                    TensorPrimitives.Subtract(first, t, first); // a·cos − b·sin
                    TensorPrimitives.Multiply(b, cos, t);
                    TensorPrimitives.MultiplyAdd(a, sin, t, second); // a·sin + b·cos
                }

                rows.Write(row, 0, result);
            }
        });
    }
}

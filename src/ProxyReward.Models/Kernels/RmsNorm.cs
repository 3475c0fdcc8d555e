using System.Numerics.Tensors;
using static TorchSharp.torch;

namespace ProxyReward.Models.Kernels;

/// <summary>y = x · rstd(x) · (offset + w), rstd = 1/√(mean(x²) + ε), in fp32 (arXiv 1910.07467). Offset is 1 for Gemma, else 0.</summary>
internal static class RmsNorm
{
    /// <param name="x">[rows, width]</param>
    /// <param name="weight">[width], fp32</param>
    /// <param name="y">[rows, width], may be x itself</param>
    public static void Forward(Tensor x, Tensor weight, float offset, double eps, Tensor y)
    {
        Forward(new Rows(x), new Rows(weight), offset, eps, new Rows(y));
    }

    /// <summary>The same on rows.</summary>
    public static void Forward(Rows input, Rows w, float offset, double eps, Rows output)
    {
        Parts.For(input.Count, (_, from, to) =>
        {
            Span<float> scratch = new float[input.Columns], scale = new float[input.Columns];
            TensorPrimitives.Add(w.Read(0, scratch), offset, scale);
            for (var row = from; row < to; row++)
            {
                var value = input.Read(row, scratch);
                TensorPrimitives.Multiply(value, InverseDeviation(value, eps), scratch);
                TensorPrimitives.Multiply(scratch, scale, scratch);
                output.Write(row, scratch);
            }
        });
    }

    /// <param name="dy">[rows, width]</param>
    /// <param name="x">[rows, width] as in forward</param>
    /// <param name="dx">[rows, width]; the gradient is added to it where <paramref name="add"/>, else written</param>
    /// <param name="dWeight">[width], fp32, added to</param>
    public static void Backward(Tensor dy, Tensor x, Tensor weight, float offset, double eps, Tensor dx, bool add, Tensor? dWeight)
    {
        Rows gradient = new(dy), input = new(x), output = new(dx), w = new(weight);
        var width = input.Columns;
        var partial = new float[Parts.Count][];
        Parts.For(input.Count, (part, from, to) =>
        {
            Span<float> a = new float[width], b = new float[width], scale = new float[width], g = new float[width];
            var sum = partial[part] = new float[width];
            TensorPrimitives.Add(w.Read(0, a), offset, scale);
            for (var row = from; row < to; row++)
            {
                var value = input.Read(row, a);
                var r = InverseDeviation(value, eps);
                TensorPrimitives.Multiply(value, r, a); // x̂
                var up = gradient.Read(row, b);
                TensorPrimitives.MultiplyAdd(up, a, sum, sum); // dw = Σ dy · x̂
                TensorPrimitives.Multiply(up, scale, g);
                var mean = TensorPrimitives.Dot(g, a) / width;
                TensorPrimitives.MultiplyAdd(a, -mean, g, g);
                TensorPrimitives.Multiply(g, r, g); // dx = rstd · (dy·w − x̂ · mean(dy·w·x̂))
                if (add)
                {
                    TensorPrimitives.Add(g, output.Read(row, b), g);
                }

                output.Write(row, g);
            }
        });
        if (dWeight is null)
        {
            return;
        }

        var total = Rows.Floats(dWeight);
        foreach (var sum in partial.Where(sum => sum is not null))
        {
            TensorPrimitives.Add(total, sum, total);
        }
    }

    private static float InverseDeviation(ReadOnlySpan<float> x, double eps) =>
        (float)(1 / Math.Sqrt((TensorPrimitives.SumOfSquares(x) / x.Length) + eps));
}

using System.Numerics.Tensors;

namespace ProxyReward.Models.Kernels;

/// <summary>Adds a branch to the residual stream.</summary>
internal static class RowSum
{
    /// <param name="x">[rows, width], fp32</param>
    /// <param name="branch">[rows, width]</param>
    /// <param name="sum">[rows, width], fp32; may be x itself</param>
    public static void Of(Rows x, Rows branch, Rows sum) => Parts.For(x.Count, (_, from, to) =>
    {
        Span<float> scratch = new float[x.Columns];
        for (var row = from; row < to; row++)
        {
            TensorPrimitives.Add(x.InPlace(row), branch.Read(row, scratch), sum.InPlace(row));
        }
    });
}

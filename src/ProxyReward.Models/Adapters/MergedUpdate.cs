using System.Numerics.Tensors;

namespace ProxyReward.Models.Adapters;

/// <summary>
/// W + s·B·A, for a model that is kept without its adapter. Fixed in its order and rounding: a training that merges its adapter, and the adapter that it
/// wrote when it is read again, give the same bits.
/// </summary>
internal static class MergedUpdate
{
    /// <param name="weight">[outputs, inputs], added to</param>
    /// <param name="config">Rank and scaling.</param>
    /// <param name="b">[outputs, rank]</param>
    /// <param name="a">[rank, inputs]</param>
    public static void Add(Span<float> weight, LoraConfig config, ReadOnlySpan<float> b, ReadOnlySpan<float> a)
    {
        var inputs = a.Length / config.Rank;
        Span<float> update = new float[inputs]; // a row of B·A
        for (; !weight.IsEmpty; weight = weight[inputs..], b = b[config.Rank..])
        {
            update.Clear();
            for (var rank = 0; rank < config.Rank; rank++)
            {
                TensorPrimitives.MultiplyAdd(a.Slice(rank * inputs, inputs), b[rank], update, update);
            }

            TensorPrimitives.MultiplyAdd(update, (float)config.Scaling, weight[..inputs], weight[..inputs]);
        }
    }
}

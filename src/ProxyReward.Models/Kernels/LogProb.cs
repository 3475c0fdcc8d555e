using System.Buffers;
using System.Numerics.Tensors;
using static TorchSharp.torch;

namespace ProxyReward.Models.Kernels;

/// <summary>Log-softmax of logits at given targets, and its gradient, in fp32 over the whole vocabulary.</summary>
internal static class LogProb
{
    /// <param name="logits">[rows, vocabulary]; where derivatives are given each row is replaced by its gradient, d logp · (onehot − softmax)</param>
    /// <param name="targets">[rows] token ids</param>
    /// <param name="result">[rows] log softmax(logits)[target]</param>
    /// <param name="dLogProb">[rows] derivative of the loss by each log-prob; empty where no gradient is asked for</param>
    public static void Of(Tensor logits, ReadOnlyMemory<int> targets, Memory<float> result, ReadOnlyMemory<float> dLogProb)
    {
        var rows = new Rows(logits);
        Parts.For(rows.Count, (_, from, to) =>
        {
            // A vocabulary is a large object: new ones for every chunk would wait for a full collection.
            float[] first = ArrayPool<float>.Shared.Rent(rows.Columns), second = ArrayPool<float>.Shared.Rent(rows.Columns);
            Span<float> scratch = first.AsSpan(0, rows.Columns), exp = second.AsSpan(0, rows.Columns);
            for (var row = from; row < to; row++)
            {
                var value = rows.Read(row, scratch);
                var (max, sum) = Exponentials(value, exp);
                var target = targets.Span[row];
                result.Span[row] = (float)(value[target] - max - Math.Log(sum));
                if (!dLogProb.IsEmpty)
                {
                    var d = dLogProb.Span[row];
                    TensorPrimitives.Multiply(exp, -d / (float)sum, exp);
                    exp[target] += d;
                    rows.Write(row, exp);
                }
            }

            ArrayPool<float>.Shared.Return(first);
            ArrayPool<float>.Shared.Return(second);
        });
    }

    /// <summary>exp(x − max x), its maximum and its sum.</summary>
    internal static (float Max, double Sum) Exponentials(ReadOnlySpan<float> values, Span<float> exp)
    {
        var max = TensorPrimitives.Max(values);
        TensorPrimitives.Subtract(values, max, exp);
        TensorPrimitives.Exp(exp, exp);
        return (max, TensorPrimitives.Sum<float>(exp));
    }
}

using System.Numerics.Tensors;
using static TorchSharp.torch;

namespace ProxyReward.Models.Kernels;

/// <summary>Log-softmax of logits at given targets, and its gradient, in fp32 over the whole vocabulary.</summary>
internal static class LogProb
{
    /// <param name="logits">[rows, vocabulary]</param>
    /// <param name="targets">[rows] token ids</param>
    /// <param name="result">[rows] log softmax(logits)[target]</param>
    public static void Forward(Tensor logits, ReadOnlyMemory<int> targets, Memory<float> result)
    {
        var rows = new Rows(logits);
        Parts.For(rows.Count, (_, from, to) =>
        {
            Span<float> scratch = new float[rows.Columns], exp = new float[rows.Columns];
            for (var row = from; row < to; row++)
            {
                var value = rows.Read(row, scratch);
                var (max, sum) = Exponentials(value, exp);
                result.Span[row] = (float)(value[targets.Span[row]] - max - Math.Log(sum));
            }
        });
    }

    /// <summary>The same, and replaces each row of logits by its gradient, d logp · (onehot − softmax).</summary>
    /// <param name="dLogProb">[rows] derivative of the loss by each log-prob</param>
    public static void ForwardBackward(Tensor logits, ReadOnlyMemory<int> targets, ReadOnlyMemory<float> dLogProb, Memory<float> result)
    {
        var rows = new Rows(logits);
        Parts.For(rows.Count, (_, from, to) =>
        {
            Span<float> scratch = new float[rows.Columns], exp = new float[rows.Columns];
            for (var row = from; row < to; row++)
            {
                var value = rows.Read(row, scratch);
                var (max, sum) = Exponentials(value, exp);
                var target = targets.Span[row];
                var d = dLogProb.Span[row];
                result.Span[row] = (float)(value[target] - max - Math.Log(sum));
                TensorPrimitives.Multiply(exp, -d / (float)sum, exp);
                exp[target] += d;
                rows.Write(row, exp);
            }
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

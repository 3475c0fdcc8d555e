using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Optimization;

/// <summary>
/// AdamW (arXiv 1711.05101) on fp32 masters, in one pass over flat buffers, with gradient clipping folded in. Equal to torch.optim.AdamW
/// with decoupled decay, biases and norms exempt. Sums are over fixed chunks, so they do not depend on the number of threads.
/// </summary>
public sealed class AdamW : IDisposable
{
    private const int Chunk = 1 << 14;
    private readonly Parameters parameters;
    private readonly List<(long Offset, int Length, bool Decays)> chunks = [];

    /// <param name="parameters">What is trained.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    /// <param name="weightDecay">Decoupled, on matrices only.</param>
    public AdamW(Parameters parameters, double beta1, double beta2, double epsilon, double weightDecay)
    {
        this.parameters = parameters;
        (Beta1, Beta2, Epsilon, WeightDecay) = (beta1, beta2, epsilon, weightDecay);
        FirstMoment = zeros_like(parameters.Master).DetachFromDisposeScope();
        SecondMoment = zeros_like(parameters.Master).DetachFromDisposeScope();
        foreach (var slot in parameters.Layout.Slots)
        {
            for (long at = 0; at < slot.Size; at += Chunk)
            {
                chunks.Add((slot.Offset + at, (int)Math.Min(Chunk, slot.Size - at), slot.Decays));
            }
        }
    }

    /// <summary>What both moments of a layout take.</summary>
    public static long Bytes(ParameterLayout layout) => 2 * layout.Size * sizeof(float);

    /// <summary>Decay of the first moment.</summary>
    public double Beta1 { get; }

    /// <summary>Decay of the second moment.</summary>
    public double Beta2 { get; }

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; }

    /// <summary>Decoupled decay.</summary>
    public double WeightDecay { get; }

    /// <summary>Steps done.</summary>
    public int Steps { get; set; }

    /// <summary>[size], fp32</summary>
    public Tensor FirstMoment { get; }

    /// <summary>[size], fp32</summary>
    public Tensor SecondMoment { get; }

    /// <summary>L2 norm over all parameters.</summary>
    public unsafe double Norm(Gradients gradients)
    {
        var flat = (float*)Rows.Pointer(gradients.Flat);
        var sums = new double[chunks.Count];
        Parts.For(chunks.Count, (_, from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                sums[i] = TensorPrimitives.SumOfSquares(new ReadOnlySpan<float>(flat + chunks[i].Offset, chunks[i].Length));
            }
        });
        return Math.Sqrt(sums.Sum());
    }

    /// <summary>
    /// One step. Gradients longer than <paramref name="maxNorm"/> are shortened to it (0: never); afterwards the compute copy is refreshed.
    /// </summary>
    /// <returns>The norm before clipping.</returns>
    public unsafe double Step(Gradients gradients, double learningRate, double maxNorm)
    {
        Steps++;
        var norm = Norm(gradients);
        var clip = maxNorm > 0 ? Math.Min(1, maxNorm / (norm + 1e-6)) : 1;
        var constants = new Constants(
            (float)clip,
            (float)Beta1,
            (float)Beta2,
            (float)(learningRate / (1 - Math.Pow(Beta1, Steps))),
            (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, Steps))),
            (float)Epsilon);
        float* master = (float*)Rows.Pointer(parameters.Master), first = (float*)Rows.Pointer(FirstMoment);
        float* second = (float*)Rows.Pointer(SecondMoment), gradient = (float*)Rows.Pointer(gradients.Flat);
        Parts.For(chunks.Count, (_, from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var (at, length, decays) = chunks[i];
                var keep = decays ? (float)(1 - (learningRate * WeightDecay)) : 1;
                Update(master + at, first + at, second + at, gradient + at, length, constants, keep);
            }
        });
        parameters.RefreshCompute();
        return norm;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }

    private readonly record struct Constants(float Clip, float Beta1, float Beta2, float StepSize, float RootCorrection, float Epsilon);

    private static unsafe void Update(float* w, float* m, float* v, float* g, int length, Constants c, float keep)
    {
        var i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var gradient = Vector512.Load(g + i) * c.Clip;
            var first = (Vector512.Load(m + i) * c.Beta1) + (gradient * (1 - c.Beta1));
            var second = (Vector512.Load(v + i) * c.Beta2) + (gradient * gradient * (1 - c.Beta2));
            first.Store(m + i);
            second.Store(v + i);
            var step = first * c.StepSize / ((Vector512.Sqrt(second) * c.RootCorrection) + Vector512.Create(c.Epsilon));
            ((Vector512.Load(w + i) * keep) - step).Store(w + i);
        }

        for (; i < length; i++)
        {
            var gradient = g[i] * c.Clip;
            m[i] = (m[i] * c.Beta1) + (gradient * (1 - c.Beta1));
            v[i] = (v[i] * c.Beta2) + (gradient * gradient * (1 - c.Beta2));
            w[i] = (w[i] * keep) - (m[i] * c.StepSize / ((MathF.Sqrt(v[i]) * c.RootCorrection) + c.Epsilon));
        }
    }
}

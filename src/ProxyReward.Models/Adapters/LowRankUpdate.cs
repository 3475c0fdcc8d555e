using ProxyReward.Models.Transformer;
using static TorchSharp.torch;

namespace ProxyReward.Models.Adapters;

/// <summary>A projection that an adapter changes, and where its outputs lie among those of the projections it is used with.</summary>
/// <param name="Module">"model.layers.0.self_attn.v_proj"</param>
/// <param name="First">First column of its outputs.</param>
/// <param name="Count">Number of its outputs.</param>
internal readonly record struct AdaptedProjection(string Module, long First, long Count);

/// <summary>
/// y += s·(x·Aᵀ)·Bᵀ on some of the projections that are used as one matrix. Their A's are neighbours, so that x is read once for all;
/// x·Aᵀ is computed again in backward, which is cheaper than keeping it.
/// </summary>
/// <param name="factors">All A's and B's of the adapter.</param>
/// <param name="config">Rank and scaling.</param>
/// <param name="projections">At least one, in the order of their outputs.</param>
internal sealed class LowRankUpdate(Parameters factors, LoraConfig config, IReadOnlyList<AdaptedProjection> projections)
{
    private string FirstA => LoraAdapter.NameOfA(projections[0].Module);

    private Tensor A => factors.View(FirstA, LoraAdapter.NameOfA(projections[^1].Module)); // [projections · rank, inputs]

    /// <param name="x">[rows, inputs]</param>
    /// <param name="y">[rows, outputs], added to</param>
    public void Forward(Tensor x, Tensor y)
    {
        using var inner = Inner(x);
        for (var i = 0; i < projections.Count; i++)
        {
            using var part = Part(inner, i);
            using var outputs = y.narrow(1, projections[i].First, projections[i].Count);
            using var transposed = B(i).t();
            outputs.addmm_(part, transposed, 1, 1);
        }
    }

    /// <param name="dy">[rows, outputs]</param>
    /// <param name="x">[rows, inputs] as in forward</param>
    /// <param name="dx">[rows, inputs], added to</param>
    public void Backward(Tensor dy, Tensor x, Tensor dx, Gradients gradients)
    {
        using var inner = Inner(x);
        using var dInner = empty_like(inner); // of x·Aᵀ, the scaling included
        for (var i = 0; i < projections.Count; i++)
        {
            using var dOutputs = dy.narrow(1, projections[i].First, projections[i].Count);
            using var part = Part(inner, i);
            gradients.AddOuter(LoraAdapter.NameOfB(projections[i].Module), dOutputs, part);
            using var dPart = mm(dOutputs, B(i)).mul_(config.Scaling);
            using var target = Part(dInner, i);
            target.copy_(dPart);
        }

        gradients.AddOuter(FirstA, dInner, x);
        dx.addmm_(dInner, A, 1, 1);
    }

    /// <summary>s·x·Aᵀ</summary>
    /// <returns>[rows, projections · rank]</returns>
    private Tensor Inner(Tensor x)
    {
        using var transposed = A.t();
        return mm(x, transposed).mul_(config.Scaling);
    }

    private Tensor Part(Tensor inner, int index) => inner.narrow(1, (long)index * config.Rank, config.Rank);

    private Tensor B(int index) => factors.View(LoraAdapter.NameOfB(projections[index].Module)); // [outputs, rank]
}

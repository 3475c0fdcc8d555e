using ProxyReward.Models.Adapters;
using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>y = x·Wᵀ + b, and what an adapter adds, for one projection or for neighbours that are used as one (q, k, v; gate, up).</summary>
/// <param name="parameters">Where the weights are.</param>
/// <param name="prefix">"model.layers.0.self_attn."</param>
/// <param name="projections">"q_proj", "k_proj", "v_proj": neighbours in the layout.</param>
/// <param name="bias">Whether they have biases.</param>
/// <param name="update">The adapter's part on them, if it has any.</param>
internal sealed class Linear(Parameters parameters, string prefix, string[] projections, bool bias, LowRankUpdate? update)
{
    private string First(string kind) => $"{prefix}{projections[0]}.{kind}";

    private string Last(string kind) => $"{prefix}{projections[^1]}.{kind}";

    /// <summary>The type of the products.</summary>
    public TorchSharp.torch.ScalarType ComputeType => parameters.Compute.dtype;

    private Tensor Weight => parameters.View(First("weight"), Last("weight")); // [outputs, inputs]

    /// <param name="x">[rows, inputs]</param>
    /// <returns>[rows, outputs]</returns>
    public Tensor Forward(Tensor x)
    {
        var y = Product(x);
        update?.Forward(x, y);
        return y;
    }

    private Tensor Product(Tensor x)
    {
        var added = bias ? parameters.View(First("bias"), Last("bias")) : null;
        if (SkinnyProduct.Suits(x))
        {
            return SkinnyProduct.Multiply(Weight, added, x);
        }

        using var transposed = Weight.t();
        return added is null ? mm(x, transposed) : addmm(added, x, transposed, 1, 1);
    }

    /// <summary>The projection in buffers that are there beforehand, without an adapter.</summary>
    public LinearStep Step() => new(Weight, bias ? parameters.View(First("bias"), Last("bias")) : null);

    /// <summary>Adds the gradients of what is trained and returns the input's.</summary>
    /// <param name="dy">[rows, outputs]</param>
    /// <param name="x">[rows, inputs] as in forward</param>
    /// <returns>[rows, inputs]</returns>
    public Tensor Backward(Tensor dy, Tensor x, Gradients gradients)
    {
        gradients.AddOuter(First("weight"), dy, x);
        if (bias)
        {
            gradients.AddColumnSums(First("bias"), dy);
        }

        var dx = mm(dy, Weight);
        update?.Backward(dy, x, dx, gradients);
        return dx;
    }
}

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

    /// <summary>Columns of what it gives.</summary>
    public long Outputs => Weight.shape[0];

    private Tensor Weight => parameters.View(First("weight"), Last("weight")); // [outputs, inputs]

    private Tensor? Bias => bias ? parameters.View(First("bias"), Last("bias")) : null; // [outputs]

    /// <param name="x">[rows, inputs]</param>
    /// <returns>[rows, outputs]</returns>
    public Tensor Forward(Tensor x)
    {
        var y = empty(x.shape[0], Outputs, ComputeType, x.device);
        Forward(x, y);
        return y;
    }

    /// <param name="x">[rows, inputs]</param>
    /// <param name="y">[rows, outputs]; written</param>
    /// <returns>y</returns>
    public Tensor Forward(Tensor x, Tensor y)
    {
        if (SkinnyProduct.Suits(x))
        {
            SkinnyProduct.Multiply(new Rows(Weight), Bias is { } added ? new Rows(added) : null, new Rows(x), new Rows(y));
        }
        else
        {
            LinearStep.Multiply(Weight, Bias, x, y);
        }

        update?.Forward(x, y);
        return y;
    }

    /// <summary>The projection in buffers that are there beforehand, without an adapter.</summary>
    public LinearStep Step() => new(Weight, Bias);

    /// <summary>Adds the gradients of what is trained and gives the input's.</summary>
    /// <param name="dy">[rows, outputs]</param>
    /// <param name="x">[rows, inputs] as in forward</param>
    /// <param name="dx">[rows, inputs]; written</param>
    /// <returns>dx</returns>
    public Tensor Backward(Tensor dy, Tensor x, Tensor dx, Gradients gradients)
    {
        gradients.AddOuter(First("weight"), dy, x);
        if (bias)
        {
            gradients.AddColumnSums(First("bias"), dy);
        }

        dx.addmm_(dy, Weight, beta: 0, alpha: 1);
        update?.Backward(dy, x, dx, gradients);
        return dx;
    }
}

using System.Numerics.Tensors;
using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>A <see cref="Linear"/> in buffers that are there beforehand, without an adapter.</summary>
/// <param name="weight">[outputs, inputs]</param>
/// <param name="bias">[outputs], or null</param>
internal sealed class LinearStep(Tensor weight, Tensor? bias)
{
    private readonly Rows rows = new(weight);
    private readonly Rows? added = bias is null ? null : new Rows(bias);

    /// <param name="x">[rows, inputs]</param>
    /// <param name="y">[rows, outputs]; written</param>
    public void Apply(StepBuffer x, StepBuffer y)
    {
        if (SkinnyProduct.Suits(x.Rows.Count, weight.dtype))
        {
            SkinnyProduct.Multiply(rows, added, x.Rows, y.Rows);
            return;
        }

        Multiply(weight, bias, x.Tiles, y.Tiles);
    }

    /// <summary>The product of libtorch, into rows that are there.</summary>
    public static void Multiply(Tensor weight, Tensor? bias, Tensor x, Tensor y)
    {
        using var transposed = weight.t();
        if (bias is not null)
        {
            y.copy_(bias);
        }

        y.addmm_(x, transposed, beta: bias is null ? 0 : 1, alpha: 1);
    }
}

/// <summary>A <see cref="Norm"/> in buffers; y may be x itself.</summary>
internal sealed record NormStep(Rows Weight, float Offset, double Eps)
{
    public void Apply(Rows x, Rows y) => RmsNorm.Forward(x, Weight, Offset, Eps, y);
}

/// <summary>A <see cref="DecoderLayer"/> in buffers that are there beforehand: the same formula.</summary>
internal sealed class LayerStep(
    ModelConfig config,
    RotaryTable rotary,
    (LinearStep Qkv, LinearStep Output, LinearStep GateUp, LinearStep Down) products,
    (NormStep Attention, NormStep? AttentionOutput, NormStep FeedForward, NormStep? FeedForwardOutput) norms,
    IReadOnlyList<(NormStep Norm, int First, int Count)> headNorms)
{
    public void Forward(int index, StepRows rows, int[] positions, RowAttention attention)
    {
        norms.Attention.Apply(rows.X.Rows, rows.Normed.Rows);
        products.Qkv.Apply(rows.Normed, rows.Heads);
        NormHeads(rows.Heads.Rows);
        Rotary.Apply(rows.Heads.Rows, rotary, positions, config.Heads + config.KeyValueHeads, inverse: false);
        attention(index, rows.Heads.Rows, rows.Attended.Rows);
        products.Output.Apply(rows.Attended, rows.Branch);
        AddBranch(rows.X.Rows, rows.Branch.Rows, norms.AttentionOutput);

        norms.FeedForward.Apply(rows.X.Rows, rows.Normed.Rows);
        products.GateUp.Apply(rows.Normed, rows.Gates);
        GatedUnit.Forward(rows.Gates.Rows, rows.Active.Rows, config.Gemma);
        products.Down.Apply(rows.Active, rows.Branch);
        AddBranch(rows.X.Rows, rows.Branch.Rows, norms.FeedForwardOutput);
    }

    private static void AddBranch(Rows x, Rows branch, NormStep? outputNorm)
    {
        outputNorm?.Apply(branch, branch);
        RowSum.Of(x, branch, x);
    }

    private void NormHeads(Rows heads)
    {
        foreach (var (norm, first, count) in headNorms)
        {
            for (var row = 0; row < heads.Count; row++)
            {
                var part = heads.Part(row, first * config.HeadDim, count, config.HeadDim);
                norm.Apply(part, part);
            }
        }
    }
}

using System.Numerics.Tensors;
using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Transformer;

/// <summary>A <see cref="Linear"/> for few rows.</summary>
/// <param name="Weight">[outputs, inputs]</param>
/// <param name="Bias">[outputs], or null</param>
internal sealed record LinearStep(Rows Weight, Rows? Bias)
{
    public void Apply(Rows x, Rows y) => SkinnyProduct.Multiply(Weight, Bias, x, y);
}

/// <summary>A <see cref="Norm"/> for few rows; y may be x itself.</summary>
internal sealed record NormStep(Rows Weight, float Offset, double Eps)
{
    public void Apply(Rows x, Rows y) => RmsNorm.Forward(x, Weight, Offset, Eps, y);
}

/// <summary>A <see cref="DecoderLayer"/> for few rows: the same formula.</summary>
internal sealed class LayerStep(
    ModelConfig config,
    RotaryTable rotary,
    (LinearStep Qkv, LinearStep Output, LinearStep GateUp, LinearStep Down) products,
    (NormStep Attention, NormStep? AttentionOutput, NormStep FeedForward, NormStep? FeedForwardOutput) norms,
    IReadOnlyList<(NormStep Norm, int First, int Count)> headNorms)
{
    public void Forward(int index, StepRows rows, int[] positions, RowAttention attention)
    {
        norms.Attention.Apply(rows.X, rows.Normed);
        products.Qkv.Apply(rows.Normed, rows.Heads);
        NormHeads(rows.Heads);
        Rotary.Apply(rows.Heads, rotary, positions, config.Heads + config.KeyValueHeads, inverse: false);
        attention(index, rows.Heads, rows.Attended);
        products.Output.Apply(rows.Attended, rows.Branch);
        AddBranch(rows, norms.AttentionOutput);

        norms.FeedForward.Apply(rows.X, rows.Normed);
        products.GateUp.Apply(rows.Normed, rows.Gates);
        GatedUnit.Forward(rows.Gates, rows.Active, config.Gemma);
        products.Down.Apply(rows.Active, rows.Branch);
        AddBranch(rows, norms.FeedForwardOutput);
    }

    private static void AddBranch(StepRows rows, NormStep? outputNorm)
    {
        outputNorm?.Apply(rows.Branch, rows.Branch);
        for (var row = 0; row < rows.X.Count; row++)
        {
            TensorPrimitives.Add(rows.X.InPlace(row), rows.Branch.InPlace(row), rows.X.InPlace(row));
        }
    }

    private unsafe void NormHeads(Rows heads)
    {
        foreach (var (norm, first, count) in headNorms)
        {
            for (var row = 0; row < heads.Count; row++)
            {
                var part = new Rows((float*)heads.At(row) + (first * config.HeadDim), count, config.HeadDim);
                norm.Apply(part, part);
            }
        }
    }
}

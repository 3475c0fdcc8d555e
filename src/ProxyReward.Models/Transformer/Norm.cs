using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>An RMSNorm over the hidden width.</summary>
internal sealed class Norm(Parameters parameters, string name, ModelConfig config)
{
    private readonly float offset = config.Gemma ? 1 : 0;

    /// <param name="x">[rows, width], any type</param>
    /// <param name="y">[rows, width]; written</param>
    /// <returns>y</returns>
    public Tensor Forward(Tensor x, Tensor y)
    {
        RmsNorm.Forward(x, parameters.MasterView(name), offset, config.RmsNormEps, y);
        return y;
    }

    /// <summary>The norm for few rows at a time.</summary>
    public NormStep Step() => new(new Rows(parameters.MasterView(name)), offset, config.RmsNormEps);

    /// <param name="dy">[rows, width]</param>
    /// <param name="x">[rows, width] as in forward</param>
    /// <param name="dx">[rows, width], fp32, added to</param>
    public void Backward(Tensor dy, Tensor x, Tensor dx, Gradients gradients)
    {
        using var dWeight = gradients.Vector(name);
        RmsNorm.Backward(dy, x, parameters.MasterView(name), offset, config.RmsNormEps, dx, add: true, dWeight);
    }
}

/// <summary>RMSNorm over each head of q and of k, in place, before the rotation (Qwen3, Gemma 3).</summary>
internal sealed class HeadNorm(Parameters parameters, string prefix, ModelConfig config)
{
    private readonly float offset = config.Gemma ? 1 : 0;

    private IEnumerable<(string Name, long First, long Count)> Groups =>
        [(prefix + "q_norm.weight", 0, config.Heads), (prefix + "k_norm.weight", config.Heads, config.KeyValueHeads)];

    /// <summary>A copy of q and k, which <see cref="Forward"/> replaces.</summary>
    /// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim]</param>
    /// <param name="copy">[rows, (heads + keyValueHeads) · headDim]; written</param>
    /// <returns>The copy.</returns>
    public Tensor Inputs(Tensor qkv, Tensor copy)
    {
        using var part = Part(qkv, 0, config.Heads + config.KeyValueHeads);
        copy.copy_(part);
        return copy;
    }

    /// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim]; q and k are replaced</param>
    public void Forward(Tensor qkv)
    {
        foreach (var (name, first, count) in Groups)
        {
            using var part = Part(qkv, first, count);
            using var rows = Heads(part); // [rows · count, headDim]
            RmsNorm.Forward(rows, parameters.MasterView(name), offset, config.RmsNormEps, rows);
            using var shaped = rows.view(part.shape);
            part.copy_(shaped);
        }
    }

    /// <summary>The norms for few rows at a time: of q and of k, each with its heads.</summary>
    public IReadOnlyList<(NormStep Norm, int First, int Count)> Step() =>
        [.. Groups.Select(group => (new NormStep(new Rows(parameters.MasterView(group.Name)), offset, config.RmsNormEps), (int)group.First, (int)group.Count))];

    /// <param name="dQkv">[rows, (heads + 2 · keyValueHeads) · headDim]; the gradients of q and k are replaced</param>
    /// <param name="inputs">What <see cref="Inputs"/> gave.</param>
    public void Backward(Tensor dQkv, Tensor inputs, Gradients gradients)
    {
        foreach (var (name, first, count) in Groups)
        {
            using Tensor part = Part(dQkv, first, count), input = Part(inputs, first, count);
            using Tensor dy = Heads(part), x = Heads(input);
            using var dWeight = gradients.Vector(name);
            RmsNorm.Backward(dy, x, parameters.MasterView(name), offset, config.RmsNormEps, dy, add: false, dWeight);
            using var shaped = dy.view(part.shape);
            part.copy_(shaped);
        }
    }

    private Tensor Part(Tensor qkv, long firstHead, long heads) => qkv.narrow(1, firstHead * config.HeadDim, heads * config.HeadDim);

    /// <summary>A copy, a head a row.</summary>
    private Tensor Heads(Tensor part)
    {
        var copy = empty(part.numel() / config.HeadDim, config.HeadDim, part.dtype, part.device);
        using var shaped = copy.view(part.shape);
        shaped.copy_(part);
        return copy;
    }
}

using ProxyReward.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>An RMSNorm over the hidden width.</summary>
internal sealed class Norm(Parameters parameters, string name, ModelConfig config)
{
    private readonly float offset = config.Gemma ? 1 : 0;

    /// <param name="x">[rows, width], any type</param>
    /// <param name="tape">Receives x and its inverse deviations; null where no gradient will be asked for.</param>
    /// <returns>[rows, width] in the compute type</returns>
    public Tensor Forward(Tensor x, NormTape? tape)
    {
        var y = empty(x.shape, parameters.Compute.dtype, x.device);
        var rstd = tape is null ? null : empty(x.shape[0], ScalarType.Float32, x.device);
        RmsNorm.Forward(x, parameters.MasterView(name), offset, config.RmsNormEps, y, rstd);
        tape?.Keep(x, rstd!);
        return y;
    }

    /// <summary>The norm for few rows at a time.</summary>
    public NormStep Step() => new(new Rows(parameters.MasterView(name)), offset, config.RmsNormEps);

    /// <param name="dy">[rows, width]</param>
    /// <param name="dx">[rows, width], fp32, added to</param>
    public void Backward(Tensor dy, NormTape tape, Tensor dx, Gradients gradients)
    {
        using var dWeight = gradients.Vector(name);
        RmsNorm.Backward(dy, tape.Input, parameters.MasterView(name), offset, tape.InverseDeviation, dx, add: true, dWeight);
    }
}

/// <summary>RMSNorm over each head of q and of k, in place, before the rotation (Qwen3, Gemma 3).</summary>
internal sealed class HeadNorm(Parameters parameters, string prefix, ModelConfig config)
{
    private readonly float offset = config.Gemma ? 1 : 0;

    private IEnumerable<(string Name, long First, long Count)> Groups =>
        [(prefix + "q_norm.weight", 0, config.Heads), (prefix + "k_norm.weight", config.Heads, config.KeyValueHeads)];

    /// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim]; q and k are replaced</param>
    public void Forward(Tensor qkv, LayerTape? tape)
    {
        foreach (var (name, first, count) in Groups)
        {
            using var part = Part(qkv, first, count);
            var rows = part.contiguous().view(-1, config.HeadDim); // [rows · count, headDim]
            using var y = empty_like(rows);
            var rstd = tape is null ? null : empty(rows.shape[0], ScalarType.Float32, qkv.device);
            RmsNorm.Forward(rows, parameters.MasterView(name), offset, config.RmsNormEps, y, rstd);
            using var shaped = y.view(part.shape);
            part.copy_(shaped);
            tape?.HeadNorms[name].Keep(rows, rstd!);
        }
    }

    /// <summary>The norms for few rows at a time: of q and of k, each with its heads.</summary>
    public IReadOnlyList<(NormStep Norm, int First, int Count)> Step() =>
        [.. Groups.Select(group => (new NormStep(new Rows(parameters.MasterView(group.Name)), offset, config.RmsNormEps), (int)group.First, (int)group.Count))];

    /// <param name="dQkv">[rows, (heads + 2 · keyValueHeads) · headDim]; the gradients of q and k are replaced</param>
    public void Backward(Tensor dQkv, LayerTape tape, Gradients gradients)
    {
        foreach (var (name, first, count) in Groups)
        {
            using var part = Part(dQkv, first, count);
            using var dy = part.contiguous();
            using var rows = dy.view(-1, config.HeadDim);
            using var dWeight = gradients.Vector(name);
            var saved = tape.HeadNorms[name];
            RmsNorm.Backward(rows, saved.Input, parameters.MasterView(name), offset, saved.InverseDeviation, rows, add: false, dWeight);
            part.copy_(dy);
        }
    }

    private Tensor Part(Tensor qkv, long firstHead, long heads) => qkv.narrow(1, firstHead * config.HeadDim, heads * config.HeadDim);
}

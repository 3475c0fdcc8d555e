using ProxyReward.Models.Adapters;
using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>Attends: given rotated q, k, v of a layer returns the heads' outputs. Training, prefill and decoding differ in this alone.</summary>
/// <param name="layer">The layer's index.</param>
/// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim]</param>
/// <returns>[rows, heads · headDim]</returns>
internal delegate Tensor Attention(int layer, Tensor qkv);

/// <summary>
/// A pre-norm decoder layer: x + attention(norm x), then x + mlp(norm x). The residual stream is fp32, matrix products are in the
/// compute type, norms in fp32, as under autocast in transformers. Forward and backward are written out; libtorch records nothing.
/// </summary>
internal sealed class DecoderLayer
{
    private readonly int index;
    private readonly ModelConfig config;
    private readonly RotaryTable rotary;
    private readonly Linear qkv;
    private readonly Linear output;
    private readonly Linear gateUp;
    private readonly Linear down;
    private readonly Norm attentionNorm;
    private readonly Norm feedForwardNorm;
    private readonly Norm? attentionOutputNorm;
    private readonly Norm? feedForwardOutputNorm;
    private readonly HeadNorm? headNorm;

    public DecoderLayer(int index, ModelConfig config, Parameters parameters, LoraAdapter? adapter, RotaryTable rotary)
    {
        var prefix = $"model.layers.{index}.";
        this.index = index;
        this.config = config;
        this.rotary = rotary;
        Linear LinearOf(string block, string[] projections, bool bias) =>
            new(parameters, prefix + block, projections, bias, adapter?.Of(prefix + block, projections));
        qkv = LinearOf("self_attn.", ["q_proj", "k_proj", "v_proj"], config.QkvBias);
        output = LinearOf("self_attn.", ["o_proj"], config.OutputBias);
        gateUp = LinearOf("mlp.", ["gate_proj", "up_proj"], config.MlpBias);
        down = LinearOf("mlp.", ["down_proj"], config.MlpBias);
        Norm NormOf(string name) => new(parameters, prefix + name, config);
        attentionNorm = NormOf("input_layernorm.weight");
        feedForwardNorm = NormOf(config.Gemma ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight");
        attentionOutputNorm = config.Gemma ? NormOf("post_attention_layernorm.weight") : null;
        feedForwardOutputNorm = config.Gemma ? NormOf("post_feedforward_layernorm.weight") : null;
        headNorm = config.QkNorm ? new HeadNorm(parameters, prefix + "self_attn.", config) : null;
    }

    /// <summary>What <see cref="Forward"/> holds at a time where there is no tape: what comes in, lies between and goes out, and what each product gives.</summary>
    public static long ForwardBytes(ModelConfig config, ScalarType type, long rows)
    {
        var (queries, keys) = Widths(config);
        var products = (4L * config.HiddenSize) + (2 * queries) + (2 * keys) + (3L * config.IntermediateSize);
        return rows * ((3L * sizeof(float) * config.HiddenSize) + (products * Rows.SizeOf(type)));
    }

    /// <summary>What <see cref="Backward"/> holds beside the tape: the gradient of the residual stream, and what its wider half works with.</summary>
    public static long BackwardBytes(ModelConfig config, ScalarType type, long rows)
    {
        var (queries, keys) = Widths(config);
        var rounded = type == ScalarType.Float32 && !config.Gemma ? 0 : config.HiddenSize; // the branch's gradient is the stream's own
        var products = (2L * config.HiddenSize) + rounded + Math.Max(2L * config.IntermediateSize, 2 * (queries + keys));
        return rows * (((long)sizeof(float) * config.HiddenSize) + (products * Rows.SizeOf(type)));
    }

    /// <param name="x">[rows, hidden] residual stream; left as it is</param>
    /// <param name="positions">[rows]</param>
    /// <param name="tape">Receives what backward needs; null where no gradient will be asked for.</param>
    /// <returns>[rows, hidden] residual stream after the layer</returns>
    public Tensor Forward(Tensor x, int[] positions, Attention attention, LayerTape? tape)
    {
        using var scope = NewDisposeScope();
        var heads = qkv.Forward(attentionNorm.Forward(x));
        var unnormedHeads = tape is null ? null : headNorm?.Inputs(heads);
        headNorm?.Forward(heads);
        Rotary.Apply(heads, rotary, positions, config.Heads + config.KeyValueHeads, inverse: false);
        var attended = attention(index, heads);
        var attentionBranch = output.Forward(attended);
        var middle = x + Normed(attentionBranch, attentionOutputNorm);

        var gates = gateUp.Forward(feedForwardNorm.Forward(middle));
        var feedForwardBranch = down.Forward(Active(gates));
        var result = middle + Normed(feedForwardBranch, feedForwardOutputNorm);

        tape?.KeepInner(
            heads,
            unnormedHeads,
            attended,
            attentionOutputNorm is null ? null : attentionBranch,
            middle,
            gates,
            feedForwardOutputNorm is null ? null : feedForwardBranch);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>The layer for few rows at a time, without an adapter.</summary>
    public LayerStep Step() => new(
        config,
        rotary,
        (qkv.Step(), output.Step(), gateUp.Step(), down.Step()),
        (attentionNorm.Step(), attentionOutputNorm?.Step(), feedForwardNorm.Step(), feedForwardOutputNorm?.Step()),
        headNorm?.Step() ?? []);

    /// <param name="dx">[rows, hidden], fp32; in: gradient of the output, out: gradient of the input</param>
    /// <param name="window">Tokens that the layer's attention sees; null for all.</param>
    public void Backward(Tensor dx, PackedBatch batch, int? window, LayerTape tape, Gradients gradients)
    {
        FeedForwardBackward(dx, tape, gradients);
        AttentionBackward(dx, batch, window, tape, gradients);
    }

    private void FeedForwardBackward(Tensor dx, LayerTape tape, Gradients gradients)
    {
        using var scope = NewDisposeScope();
        var dDown = BranchGradient(dx, feedForwardOutputNorm, tape.FeedForwardBranch, gradients);
        var dActive = down.Backward(dDown, Active(tape.Gates), gradients);
        GatedUnit.Backward(tape.Gates, dActive, config.Gemma);
        var dNormed = gateUp.Backward(tape.Gates, feedForwardNorm.Forward(tape.Middle), gradients);
        feedForwardNorm.Backward(dNormed, tape.Middle, dx, gradients);
    }

    private void AttentionBackward(Tensor dx, PackedBatch batch, int? window, LayerTape tape, Gradients gradients)
    {
        using var scope = NewDisposeScope();
        var dOutput = BranchGradient(dx, attentionOutputNorm, tape.AttentionBranch, gradients);
        var dAttended = output.Backward(dOutput, tape.Attended, gradients);
        var dHeads = new PackedAttention(config, batch, window).Backward(tape.Heads, dAttended);
        Rotary.Apply(dHeads, rotary, batch.Positions, config.Heads + config.KeyValueHeads, inverse: true);
        headNorm?.Backward(dHeads, tape.UnnormedHeads!, gradients);
        var dNormed = qkv.Backward(dHeads, attentionNorm.Forward(tape.Input), gradients);
        attentionNorm.Backward(dNormed, tape.Input, dx, gradients);
    }

    private static (long Queries, long Keys) Widths(ModelConfig config) => ((long)config.Heads * config.HeadDim, (long)config.KeyValueHeads * config.HeadDim);

    private static Tensor Normed(Tensor branch, Norm? norm) => norm?.Forward(branch) ?? branch;

    private Tensor Active(Tensor gates)
    {
        var active = empty(gates.shape[0], config.IntermediateSize, gates.dtype, gates.device); // [rows, inner]
        GatedUnit.Forward(gates, active, config.Gemma);
        return active;
    }

    /// <summary>The gradient that enters a branch, in the compute type.</summary>
    private Tensor BranchGradient(Tensor dx, Norm? norm, Tensor? branch, Gradients gradients)
    {
        var type = qkv.ComputeType;
        if (norm is null)
        {
            return dx.to(type);
        }

        var d = zeros_like(dx);
        norm.Backward(dx, branch!, d, gradients);
        return d.to(type);
    }
}

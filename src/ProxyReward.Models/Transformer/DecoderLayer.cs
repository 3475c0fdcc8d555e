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

    /// <summary>What <see cref="Forward"/> makes at a time beside what it leaves on a tape: two residual streams, and everything that is as wide as the gates.</summary>
    public static long WorkBytes(ModelConfig config, ScalarType type, long rows) =>
        rows * ((2L * sizeof(float) * config.HiddenSize) + (3L * Rows.SizeOf(type) * config.IntermediateSize));

    /// <param name="x">[rows, hidden] residual stream; left as it is</param>
    /// <param name="positions">[rows]</param>
    /// <param name="tape">Receives what backward needs; null where no gradient will be asked for.</param>
    /// <returns>[rows, hidden] residual stream after the layer</returns>
    public Tensor Forward(Tensor x, int[] positions, Attention attention, LayerTape? tape)
    {
        using var scope = NewDisposeScope();
        var normed = attentionNorm.Forward(x, tape?.AttentionNorm);
        var heads = qkv.Forward(normed);
        headNorm?.Forward(heads, tape);
        Rotary.Apply(heads, rotary, positions, config.Heads + config.KeyValueHeads, inverse: false);
        var attended = attention(index, heads);
        var middle = AddResidual(x, output.Forward(attended), attentionOutputNorm, tape?.AttentionOutputNorm);

        var normed2 = feedForwardNorm.Forward(middle, tape?.FeedForwardNorm);
        var gates = gateUp.Forward(normed2);
        var active = empty(gates.shape[0], config.IntermediateSize, gates.dtype, gates.device);
        GatedUnit.Forward(gates, active, config.Gemma);
        var result = AddResidual(middle, down.Forward(active), feedForwardOutputNorm, tape?.FeedForwardOutputNorm);

        tape?.Keep(normed, heads, attended, normed2, gates, active);
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
        using var scope = NewDisposeScope();
        var dDown = BranchGradient(dx, feedForwardOutputNorm, tape.FeedForwardOutputNorm, gradients);
        var dActive = down.Backward(dDown, tape.Active, gradients);
        GatedUnit.Backward(tape.Gates, dActive, config.Gemma);
        var dNormed2 = gateUp.Backward(tape.Gates, tape.Normed2, gradients);
        feedForwardNorm.Backward(dNormed2, tape.FeedForwardNorm, dx, gradients);

        var dOutput = BranchGradient(dx, attentionOutputNorm, tape.AttentionOutputNorm, gradients);
        var dAttended = output.Backward(dOutput, tape.Attended, gradients);
        var dHeads = new PackedAttention(config, batch, window).Backward(tape.Heads, dAttended);
        Rotary.Apply(dHeads, rotary, batch.Positions, config.Heads + config.KeyValueHeads, inverse: true);
        headNorm?.Backward(dHeads, tape, gradients);
        var dNormed = qkv.Backward(dHeads, tape.Normed, gradients);
        attentionNorm.Backward(dNormed, tape.AttentionNorm, dx, gradients);
    }

    private static Tensor AddResidual(Tensor x, Tensor branch, Norm? outputNorm, NormTape? tape) =>
        x + (outputNorm is null ? branch : outputNorm.Forward(branch, tape));

    /// <summary>The gradient that enters a branch, in the compute type.</summary>
    private Tensor BranchGradient(Tensor dx, Norm? outputNorm, NormTape tape, Gradients gradients)
    {
        var type = qkv.ComputeType;
        if (outputNorm is null)
        {
            return dx.to(type);
        }

        var d = zeros_like(dx);
        outputNorm.Backward(dx, tape, d, gradients);
        return d.to(type);
    }
}

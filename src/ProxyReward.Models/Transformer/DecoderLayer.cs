using ProxyReward.Models.Adapters;
using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>Attends: given rotated q, k, v of a layer writes the heads' outputs. Training, prefill and decoding differ in this alone.</summary>
/// <param name="layer">The layer's index.</param>
/// <param name="qkv">[rows, (heads + 2 · keyValueHeads) · headDim]</param>
/// <param name="attended">[rows, heads · headDim]; written</param>
internal delegate void Attention(int layer, Tensor qkv, Tensor attended);

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
    private readonly long queries;
    private readonly long keys;

    public DecoderLayer(int index, ModelConfig config, Parameters parameters, LoraAdapter? adapter, RotaryTable rotary)
    {
        var prefix = $"model.layers.{index}.";
        this.index = index;
        this.config = config;
        this.rotary = rotary;
        (queries, keys) = Widths(config);
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
    /// <param name="work">Where the layer's buffers come from.</param>
    /// <param name="tape">Receives what backward needs; null where no gradient will be asked for.</param>
    /// <returns>[rows, hidden] residual stream after the layer, of the workspace</returns>
    public Tensor Forward(Tensor x, int[] positions, Attention attention, Workspace work, LayerTape? tape)
    {
        using var scope = work.Begin(x.shape[0]);
        var heads = qkv.Forward(Normed(attentionNorm, x, scope), Products(scope, qkv.Outputs));
        var unnormedHeads = tape is null ? null : headNorm?.Inputs(heads, Products(scope, queries + keys));
        headNorm?.Forward(heads);
        Rotary.Apply(heads, rotary, positions, config.Heads + config.KeyValueHeads, inverse: false);
        var attended = Products(scope, queries);
        attention(index, heads, attended);
        var attentionBranch = output.Forward(attended, Products(scope, config.HiddenSize));
        var middle = Sum(x, Normed(attentionOutputNorm, attentionBranch, scope), scope);

        var gates = gateUp.Forward(Normed(feedForwardNorm, middle, scope), Products(scope, gateUp.Outputs));
        var feedForwardBranch = down.Forward(Active(gates, scope), Products(scope, config.HiddenSize));
        var result = Sum(middle, Normed(feedForwardOutputNorm, feedForwardBranch, scope), scope);

        tape?.KeepInner(
            scope.Keep(heads),
            scope.Keep(unnormedHeads),
            scope.Keep(attended),
            attentionOutputNorm is null ? null : scope.Keep(attentionBranch),
            scope.Keep(middle),
            scope.Keep(gates),
            feedForwardOutputNorm is null ? null : scope.Keep(feedForwardBranch));
        return scope.Keep(result);
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
    public void Backward(Tensor dx, PackedBatch batch, int? window, Workspace work, LayerTape tape, Gradients gradients)
    {
        FeedForwardBackward(dx, work, tape, gradients);
        AttentionBackward(dx, batch, window, work, tape, gradients);
    }

    private void FeedForwardBackward(Tensor dx, Workspace work, LayerTape tape, Gradients gradients)
    {
        using var scope = work.Begin(dx.shape[0]);
        var dDown = BranchGradient(dx, feedForwardOutputNorm, tape.FeedForwardBranch, scope, gradients);
        var dActive = down.Backward(dDown, Active(tape.Gates, scope), Products(scope, config.IntermediateSize), gradients);
        GatedUnit.Backward(tape.Gates, dActive, config.Gemma);
        var dNormed = gateUp.Backward(tape.Gates, Normed(feedForwardNorm, tape.Middle, scope), Products(scope, config.HiddenSize), gradients);
        feedForwardNorm.Backward(dNormed, tape.Middle, dx, gradients);
    }

    private void AttentionBackward(Tensor dx, PackedBatch batch, int? window, Workspace work, LayerTape tape, Gradients gradients)
    {
        using var scope = work.Begin(dx.shape[0]);
        var dOutput = BranchGradient(dx, attentionOutputNorm, tape.AttentionBranch, scope, gradients);
        var dAttended = output.Backward(dOutput, tape.Attended, Products(scope, queries), gradients);
        var dHeads = new PackedAttention(config, batch, window).Backward(tape.Heads, dAttended, Products(scope, qkv.Outputs));
        Rotary.Apply(dHeads, rotary, batch.Positions, config.Heads + config.KeyValueHeads, inverse: true);
        headNorm?.Backward(dHeads, tape.UnnormedHeads!, gradients);
        var dNormed = qkv.Backward(dHeads, Normed(attentionNorm, tape.Input, scope), Products(scope, config.HiddenSize), gradients);
        attentionNorm.Backward(dNormed, tape.Input, dx, gradients);
    }

    private static (long Queries, long Keys) Widths(ModelConfig config) => ((long)config.Heads * config.HeadDim, (long)config.KeyValueHeads * config.HeadDim);

    /// <summary>Rows in the type of the products.</summary>
    private Tensor Products(WorkspaceScope scope, long width) => scope.Take(width, qkv.ComputeType);

    private Tensor Normed(Norm? norm, Tensor x, WorkspaceScope scope) => norm?.Forward(x, Products(scope, config.HiddenSize)) ?? x;

    private Tensor Active(Tensor gates, WorkspaceScope scope)
    {
        var active = Products(scope, config.IntermediateSize); // [rows, inner]
        GatedUnit.Forward(gates, active, config.Gemma);
        return active;
    }

    private static Tensor Sum(Tensor x, Tensor branch, WorkspaceScope scope)
    {
        var sum = scope.Take(x.shape[1], ScalarType.Float32);
        RowSum.Of(new Rows(x), new Rows(branch), new Rows(sum));
        return sum;
    }

    /// <summary>The gradient that enters a branch, in the compute type.</summary>
    private Tensor BranchGradient(Tensor dx, Norm? norm, Tensor? branch, WorkspaceScope scope, Gradients gradients)
    {
        var d = dx;
        if (norm is not null)
        {
            d = scope.Take(config.HiddenSize, ScalarType.Float32);
            d.zero_();
            norm.Backward(dx, branch!, d, gradients);
        }

        if (qkv.ComputeType == ScalarType.Float32)
        {
            return d;
        }

        var rounded = Products(scope, config.HiddenSize);
        rounded.copy_(d);
        return rounded;
    }
}

using System.Numerics.Tensors;
using ProxyReward.Models.Adapters;
using ProxyReward.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Transformer;

/// <summary>
/// A decoder-only transformer of the families in <see cref="ModelConfig"/>: embedding, layers, final norm, head. Not thread-safe:
/// tensor work belongs on one thread.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    private readonly RotaryTable rotary;
    private readonly RotaryTable slidingRotary;
    private readonly Norm finalNorm;
    private readonly float embeddingScale;
    private IReadOnlyList<DecoderLayer> layers = [];

    /// <summary>A model over weights that it owns.</summary>
    public LanguageModel(ModelConfig config, Parameters parameters)
    {
        Config = config;
        Parameters = parameters;
        rotary = new RotaryTable(config.HeadDim, config.RopeTheta, config.RopeScaling);
        slidingRotary = config.SlidingRopeTheta is { } theta ? new RotaryTable(config.HeadDim, theta, null) : rotary;
        Adapter = null;
        finalNorm = new Norm(parameters, "model.norm.weight", config);
        Head = new LogitHead(config, parameters);
        embeddingScale = config.Gemma ? (float)Math.Sqrt(config.HiddenSize) : 1;
    }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>The weights.</summary>
    public Parameters Parameters { get; }

    /// <summary>What is added to the weights, or null; the caller's to dispose. Changing it costs nothing.</summary>
    public LoraAdapter? Adapter
    {
        get;
        set
        {
            field = value;
            layers = [.. Enumerable.Range(0, Config.Layers).Select(i => new DecoderLayer(i, Config, Parameters, value, Slides(i) ? slidingRotary : rotary))];
        }
    }

    /// <summary>Logits and log-probs from hidden states.</summary>
    public LogitHead Head { get; }

    /// <inheritdoc/>
    public void Dispose() => Parameters.Dispose();

    /// <summary>The window of a layer, or null where it sees everything.</summary>
    internal int? WindowOf(int layer) => Slides(layer) ? Config.SlidingWindow : null;

    /// <summary>What the hidden states of so many rows take.</summary>
    internal static long HiddenBytes(ModelConfig config, ScalarType type, long rows) => rows * config.HiddenSize * Rows.SizeOf(type);

    /// <summary>Hidden states after the final norm.</summary>
    /// <returns>[rows, hidden] in the compute type; the caller disposes it</returns>
    public Tensor Forward(PackedBatch batch) => Forward(batch.Tokens, batch.Positions, Packed(batch), tape: null);

    /// <summary>The same, leaving on a tape what <see cref="Backward"/> needs.</summary>
    internal Tensor Forward(PackedBatch batch, Tape tape) => Forward(batch.Tokens, batch.Positions, Packed(batch), tape);

    /// <summary>The same with another attention.</summary>
    internal Tensor Forward(int[] tokens, int[] positions, Attention attention, Tape? tape, Action<int, Tensor>? onHidden = null)
    {
        using var mode = no_grad();
        EnsurePositions(positions);
        using var own = tape is null ? new Workspace(tokens.Length) : null;
        var work = tape?.Workspace ?? own!;
        var x = work.Take(tokens.Length, Config.HiddenSize, ScalarType.Float32); // [rows, hidden]
        Embed(tokens, new Rows(x));
        for (var i = 0; i < layers.Count; i++)
        {
            onHidden?.Invoke(i, x);
            tape?.Layers[i].KeepInput(x);
            var next = layers[i].Forward(x, positions, attention, work, tape is { InputsOnly: false } ? tape.Layers[i] : null);
            if (tape is null)
            {
                work.Return(x);
            }

            x = next;
        }

        tape?.KeepFinal(x);
        var normed = finalNorm.Forward(x, empty(x.shape, Parameters.Compute.dtype, x.device));
        onHidden?.Invoke(layers.Count, normed);
        return normed;
    }

    /// <summary>The model in buffers for so many rows, as long as its weights stay where they are; the adapter is not applied.</summary>
    internal ModelStep Step(int rows) => new(Config, Parameters.Compute.dtype, [.. layers.Select(layer => layer.Step())], finalNorm.Step(), Head.Step(), rows, (tokens, positions, x) =>
    {
        EnsurePositions(positions);
        Embed(tokens, x);
    });

    /// <summary>Adds the gradient of every parameter that is trained, but the head's own use of its matrix (see <see cref="LogitHead"/>).</summary>
    /// <param name="tape">Freed layer by layer.</param>
    /// <param name="dHidden">[rows, hidden] gradient of what forward returned</param>
    internal void Backward(PackedBatch batch, Tape tape, Tensor dHidden, Gradients gradients)
    {
        using var mode = no_grad();
        using var dx = zeros(dHidden.shape, ScalarType.Float32, dHidden.device); // [rows, hidden]
        finalNorm.Backward(dHidden, tape.Final!, dx, gradients);
        for (var i = layers.Count - 1; i >= 0; i--)
        {
            using var kept = tape.Layers[i];
            if (tape.InputsOnly)
            {
                tape.Workspace.Return(layers[i].Forward(kept.Input, batch.Positions, Packed(batch), tape.Workspace, kept));
            }

            layers[i].Backward(dx, batch, WindowOf(i), tape.Workspace, kept, gradients);
        }

        EmbedBackward(batch.Tokens, dx, gradients);
    }

    /// <summary>
    /// Log-probs of given targets, and the gradient of the loss whose derivative by each of them is given: forward, head and backward in one.
    /// </summary>
    /// <param name="targets">[rows] the token after each row</param>
    /// <param name="dLogProb">[rows] derivative of the loss by each log-prob; 0 where nothing is scored</param>
    /// <param name="gradients">Added to.</param>
    /// <returns>[rows] log-probs, 0 where nothing is scored</returns>
    public float[] LossAndGradients(PackedBatch batch, int[] targets, float[] dLogProb, Gradients gradients)
    {
        int[] rows = [.. Enumerable.Range(0, batch.Rows).Where(row => dLogProb[row] != 0)];
        var scored = new ScoredTokens(rows, [.. rows.Select(row => targets[row])]);
        using var work = new Workspace(batch.Rows);
        using var tape = new Tape(Config, work);
        using var hidden = Forward(batch, tape);
        var (dHidden, logProbs) = Head.Backward(hidden, scored, [.. rows.Select(row => dLogProb[row])], gradients);
        using (dHidden)
        {
            Backward(batch, tape, dHidden, gradients);
        }

        var result = new float[batch.Rows];
        for (var i = 0; i < rows.Length; i++)
        {
            result[rows[i]] = logProbs[i];
        }

        return result;
    }

    private bool Slides(int layer) => Config.SlidingLayers.Count > layer && Config.SlidingLayers[layer];

    private Attention Packed(PackedBatch batch) => (layer, qkv, attended) => new PackedAttention(Config, batch, WindowOf(layer)).Forward(qkv, attended);

    private void EnsurePositions(int[] positions)
    {
        var longest = positions.Max() + 1;
        rotary.Ensure(longest);
        slidingRotary.Ensure(longest);
    }

    private void Embed(int[] tokens, Rows output)
    {
        var table = new Rows(Parameters.MasterView(ParameterLayout.Embedding));
        for (var row = 0; row < tokens.Length; row++)
        {
            Config.RequireToken(tokens[row]);
            TensorPrimitives.Multiply(table.InPlace(tokens[row]), embeddingScale, output.InPlace(row));
        }
    }

    private void EmbedBackward(int[] tokens, Tensor dx, Gradients gradients)
    {
        if (!gradients.Holds("model.embed_tokens.weight"))
        {
            return;
        }

        var d = new Rows(dx);
        var table = gradients.Of(ParameterLayout.Embedding);
        for (var row = 0; row < tokens.Length; row++)
        {
            var target = table.Slice(tokens[row] * Config.HiddenSize, Config.HiddenSize);
            TensorPrimitives.MultiplyAdd(d.InPlace(row), embeddingScale, target, target);
        }
    }
}

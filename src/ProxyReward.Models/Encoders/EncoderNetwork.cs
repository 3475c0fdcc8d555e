using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Native;
using ProxyReward.Models.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Encoders;

/// <summary>
/// A bidirectional transformer with a classification head. A family says which parameters it has and what it computes from them; matrix
/// products are in the type of the weights, everything else in fp32. Not thread-safe.
/// </summary>
/// <param name="config">Its shape.</param>
internal abstract class EncoderNetwork(EncoderConfig config) : IDisposable
{
    private Parameters? weights;

    public EncoderConfig Config => config;

    /// <summary>Names and shapes in the order of the flat buffer: what is multiplied as one matrix (q, k, v) stands together.</summary>
    public abstract IEnumerable<(string Name, long[] Shape)> Parameters { get; }

    /// <summary>Tensors that published files carry and no classifier uses.</summary>
    public abstract IReadOnlySet<string> Unused { get; }

    public ParameterLayout Layout => new(Parameters, "config.json");

    protected Parameters Weights => weights ?? throw new InvalidOperationException("the weights were not loaded");

    /// <summary>Opens a folder and loads its weights.</summary>
    /// <exception cref="RequestException">It is no classifier of a known family, or a tensor is missing, extra or misshapen.</exception>
    public static EncoderNetwork Load(string folder, ScalarType computeType)
    {
        var network = EncoderFamily.Open(folder);
        using var tensors = network.Open(folder);
        network.Use(Transformer.Parameters.Load(network.Layout, tensors, folder, computeType));
        return network;
    }

    /// <summary>The tensors of a folder, checked against the configuration, without those that play no part.</summary>
    public ITensorSource Open(string folder)
    {
        var tensors = new UsedTensors(SafetensorsFolder.Open(folder), Unused);
        try
        {
            Layout.Check(tensors, folder);
            return tensors;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <summary>Takes weights over.</summary>
    public void Use(Parameters loaded)
    {
        NativeEngine.Load();
        weights = loaded;
    }

    /// <summary>Hidden states after the last layer. [rows · length, hidden]; those of padding mean nothing.</summary>
    public abstract Tensor Hidden(EncoderBatch batch);

    /// <summary>The head. [rows, labels]</summary>
    /// <param name="hidden">What <see cref="Hidden"/> computed of the same batch.</param>
    public abstract Tensor Logits(Tensor hidden, EncoderBatch batch);

    /// <inheritdoc/>
    public virtual void Dispose() => weights?.Dispose();

    /// <summary>The parameters of projections of one input that are computed as one.</summary>
    protected static IEnumerable<(string Name, long[] Shape)> Matrix(string prefix, string[] projections, long outputs, long inputs, bool bias = true) =>
        [.. projections.Select(name => ($"{prefix}{name}.weight", (long[])[outputs, inputs])),
            .. projections.Where(_ => bias).Select(name => ($"{prefix}{name}.bias", (long[])[outputs]))];

    protected static IEnumerable<(string Name, long[] Shape)> Norm(string name, long width, bool bias = true) =>
        [($"{name}.weight", [width]), .. bias ? [($"{name}.bias", (long[])[width])] : Array.Empty<(string, long[])>()];

    /// <param name="x">[rows, inputs], fp32</param>
    /// <returns>[rows, outputs], fp32</returns>
    protected Tensor Dense(Tensor x, string prefix, string[] projections, bool bias = true) =>
        new Linear(Weights, prefix, projections, bias, update: null).Forward(x.to(Weights.Compute.dtype)).to(ScalarType.Float32);

    /// <inheritdoc cref="Dense(Tensor, string, string[], bool)"/>
    protected Tensor Dense(Tensor x, string prefix, string projection, bool bias = true) => Dense(x, prefix, [projection], bias);

    /// <summary>LayerNorm over the last dimension.</summary>
    protected Tensor Normalized(Tensor x, string name, bool bias = true) => nn.functional.layer_norm(
        x, [x.shape[^1]], Weights.MasterView($"{name}.weight"), bias ? Weights.MasterView($"{name}.bias") : null, config.NormEps);

    /// <summary>Rows of an embedding. [tokens, hidden]</summary>
    protected Tensor Embedded(string name, Tensor ids) => Weights.MasterView(name).index_select(0, ids);

    /// <summary>Attention of every token to every token.</summary>
    /// <param name="qkv">[rows · length, 3 · hidden]</param>
    /// <param name="mask">Added to the scores, broadcast to [rows, heads, length, length]; null: nothing is masked.</param>
    /// <returns>[rows · length, hidden]</returns>
    protected Tensor Attended(Tensor qkv, EncoderBatch batch, Tensor? mask) => Merged(Attention(Heads(qkv, batch), mask));

    /// <summary>Query, key and value, each [rows, heads, length, headDim].</summary>
    protected (Tensor Query, Tensor Key, Tensor Value) Heads(Tensor qkv, EncoderBatch batch)
    {
        var split = qkv.view(batch.Rows, batch.Length, 3, config.Heads, config.HeadDim).permute(2, 0, 3, 1, 4);
        return (split.select(0, 0), split.select(0, 1), split.select(0, 2));
    }

    protected static Tensor Attention((Tensor Query, Tensor Key, Tensor Value) heads, Tensor? mask) =>
        nn.functional.scaled_dot_product_attention(heads.Query, heads.Key, heads.Value, attn_mask: mask);

    protected Tensor Merged(Tensor heads) => heads.transpose(1, 2).reshape(-1, config.HiddenSize);

    /// <summary>The state of each row's first token. [rows, hidden]</summary>
    protected Tensor First(Tensor hidden, EncoderBatch batch) => hidden.view(batch.Rows, batch.Length, config.HiddenSize).select(1, 0);
}

using ProxyReward.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Encoders;

/// <summary>
/// DeBERTa-v3 (arXiv 2111.09543; <c>model_type</c> deberta-v2): no absolute positions; attention scores are content to content, content to
/// relative position and position to content (arXiv 2006.03654), positions in buckets that grow with the distance and projected by the content's own
/// matrices (share_att_key).
/// </summary>
/// <param name="config">Its shape.</param>
/// <param name="buckets">Buckets in one direction.</param>
/// <param name="maxDistance">Distance of the last bucket.</param>
internal sealed class DebertaV3(EncoderConfig config, int buckets, int maxDistance)
    : PostNormEncoder(config, "deberta.", ["query_proj", "key_proj", "value_proj"])
{
    private const string Relative = "deberta.encoder.rel_embeddings.weight";
    private const string RelativeNorm = "deberta.encoder.LayerNorm";

    // Projected positions do not depend on the text. [heads, headDim, 2 · buckets] each
    private readonly Dictionary<int, (Tensor Keys, Tensor Queries)> positions = [];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, long[] Shape)> Parameters =>
    [
        .. Trunk(),
        (Relative, [2L * buckets, Config.HiddenSize]),
        .. Norm(RelativeNorm, Config.HiddenSize),
        .. Matrix("pooler.", ["dense"], Config.HiddenSize, Config.HiddenSize),
        .. Matrix("", ["classifier"], Config.Labels.Count, Config.HiddenSize),
    ];

    /// <summary>Three kinds of scores are added up, and the scale counts them.</summary>
    private double Scale => 1 / Math.Sqrt(3.0 * Config.HeadDim);

    public static EncoderNetwork Read(ConfigKeys keys, EncoderConfig shape)
    {
        keys.MustBe("hidden_act", "gelu");
        keys.MustBe("pooler_hidden_act", "gelu");
        keys.MustBe("conv_kernel_size", "0"); // DeBERTa-v2's convolution
        keys.MustBe("norm_rel_ebd", "layer_norm");
        keys.MustBe("embedding_size", $"{shape.HiddenSize}");
        keys.MustBe("pooler_hidden_size", $"{shape.HiddenSize}");
        keys.MustBe("attention_head_size", $"{shape.HiddenSize / shape.Heads}");
        var kinds = (keys.List("pos_att_type") ?? []).SelectMany(kind => kind.ToString().Split('|')).Order(StringComparer.Ordinal);
        if (!kinds.SequenceEqual(["c2p", "p2c"]) || !keys.Bool("relative_attention", false) || !keys.Bool("share_att_key", false)
            || keys.Bool("position_biased_input", true) || !keys.Has("norm_rel_ebd"))
        {
            throw new RequestException(
                $"{keys.Place}: only DeBERTa-v3's attention is computed: relative_attention and share_att_key true, pos_att_type c2p and p2c, position_biased_input false, norm_rel_ebd layer_norm.");
        }

        var (buckets, distance) = (keys.Int("position_buckets", least: 2), keys.Int("max_relative_positions", -1, least: -1));
        distance = distance < 1 ? shape.MaxTokens : distance;
        return distance - 1 > buckets / 2
            ? new DebertaV3(shape with { TokenTypes = keys.Int("type_vocab_size", 0, least: 0), NormEps = keys.Number("layer_norm_eps", 1e-7) }, buckets, distance)
            : throw new RequestException($"{keys.Place}: {buckets} position_buckets leave nothing to share out over {distance} positions.");
    }

    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden, EncoderBatch batch)
    {
        using var scope = NewDisposeScope();
        var pooled = nn.functional.gelu(Dense(First(hidden, batch), "pooler.", "dense"));
        return Dense(pooled, "", "classifier").MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var (keys, queries) in positions.Values)
        {
            keys.Dispose();
            queries.Dispose();
        }

        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Tensor WithPositions(Tensor x, EncoderBatch batch) => x;

    /// <inheritdoc/>
    protected override Tensor SelfAttention(Tensor qkv, int layer, EncoderBatch batch)
    {
        var (query, key, value) = Heads(qkv, batch);
        var (positionKeys, positionQueries) = PositionsOf(layer);
        long[] square = [batch.Rows, Config.Heads, batch.Length, batch.Length];
        var bucket = Buckets(batch.Length); // [length, length]: query, key
        var contentToPosition = matmul(query, positionKeys).gather(-1, bucket.expand(square));
        var positionToContent = matmul(key, positionQueries).gather(-1, bucket.t().expand(square)).transpose(-1, -2);
        var scores = contentToPosition.add_(positionToContent);
        if (batch.Mask is { } mask)
        {
            scores.add_(mask);
        }

        // The attention of libtorch divides by √headDim; √3 is left to do.
        return Merged(Attention((query * (1 / Math.Sqrt(3)), key, value), scores));
    }

    /// <summary>
    /// The bucket of every distance between two places: near ones have their own, farther ones share in proportion to the logarithm. Computed
    /// by libtorch in fp32, as the reference does: a bucket's edge is decided by rounding.
    /// </summary>
    private Tensor Buckets(int length)
    {
        var place = arange(length, ScalarType.Int64, CPU);
        var distance = place.unsqueeze(1) - place.unsqueeze(0);
        var near = buckets / 2;
        var far = distance.abs().clamp_min(near).to(ScalarType.Float32);
        var widest = tensor((float)((maxDistance - 1) / (double)near), device: CPU).log();
        var shared = (((far / near).log() / widest * (near - 1)).ceil() + near).to(ScalarType.Int64) * distance.sign();
        return (where(distance.abs().le(near), distance, shared) + buckets).clamp(0, (2 * buckets) - 1);
    }

    private (Tensor Keys, Tensor Queries) PositionsOf(int layer)
    {
        if (!positions.TryGetValue(layer, out var projected))
        {
            using var scope = NewDisposeScope();
            var relative = Normalized(Weights.MasterView(Relative), RelativeNorm);
            projected = (Projected("key_proj"), Projected("query_proj"));
            positions.Add(layer, projected);

            Tensor Projected(string projection) => (Dense(relative, Self(layer), projection) * Scale)
                .view(2 * buckets, Config.Heads, Config.HeadDim).permute(1, 2, 0).contiguous().DetachFromDisposeScope();
        }

        return projected;
    }
}

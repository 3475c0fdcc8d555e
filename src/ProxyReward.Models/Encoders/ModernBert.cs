using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Encoders;

/// <summary>
/// ModernBERT (arXiv 2412.13663): norms before attention and feed-forward, rotary positions, gated GELU, layers that see only a window
/// between those that see everything, a head with a norm of its own.
/// </summary>
/// <param name="config">Its shape.</param>
/// <param name="traits">What only this family has.</param>
internal sealed class ModernBert(EncoderConfig config, ModernBert.Traits traits) : EncoderNetwork(config)
{
    private readonly RotaryTable globalRotary = new(config.HeadDim, traits.GlobalTheta, null);
    private readonly RotaryTable localRotary = new(config.HeadDim, traits.LocalTheta, null);

    /// <param name="Slides">For each layer whether it sees a window only.</param>
    /// <param name="Reach">Tokens that such a layer sees to each side.</param>
    /// <param name="MeanPooling">The head sees the mean of the states instead of the first.</param>
    internal sealed record Traits(
        IReadOnlyList<bool> Slides, int Reach, double GlobalTheta, double LocalTheta,
        bool NormBias, bool AttentionBias, bool MlpBias, bool HeadBias, bool MeanPooling);

    /// <inheritdoc/>
    public override IReadOnlySet<string> Unused { get; } = new HashSet<string>();

    /// <inheritdoc/>
    public override IEnumerable<(string Name, long[] Shape)> Parameters
    {
        get
        {
            long hidden = Config.HiddenSize, inner = Config.IntermediateSize;
            return
            [
                ("model.embeddings.tok_embeddings.weight", [Config.VocabSize, hidden]),
                .. Norm("model.embeddings.norm", hidden, traits.NormBias),
                .. Enumerable.Range(0, Config.Layers).SelectMany(i => (IEnumerable<(string, long[])>)
                [
                    .. i == 0 ? [] : Norm($"model.layers.{i}.attn_norm", hidden, traits.NormBias),
                    .. Matrix($"model.layers.{i}.attn.", ["Wqkv"], 3 * hidden, hidden, traits.AttentionBias),
                    .. Matrix($"model.layers.{i}.attn.", ["Wo"], hidden, hidden, traits.AttentionBias),
                    .. Norm($"model.layers.{i}.mlp_norm", hidden, traits.NormBias),
                    .. Matrix($"model.layers.{i}.mlp.", ["Wi"], 2 * inner, hidden, traits.MlpBias),
                    .. Matrix($"model.layers.{i}.mlp.", ["Wo"], hidden, inner, traits.MlpBias),
                ]),
                .. Norm("model.final_norm", hidden, traits.NormBias),
                .. Matrix("head.", ["dense"], hidden, hidden, traits.HeadBias),
                .. Norm("head.norm", hidden, traits.NormBias),
                .. Matrix("", ["classifier"], Config.Labels.Count, hidden),
            ];
        }
    }

    public static EncoderNetwork Read(ConfigKeys keys, EncoderConfig shape)
    {
        keys.MustBe("hidden_activation", "gelu");
        keys.MustBe("classifier_activation", "gelu");

        // Written by old versions and never used: positions are rotary, the norm's own key is norm_eps.
        _ = (keys.Has("position_embedding_type"), keys.Has("layer_norm_eps"));
        if (shape.HeadDim % 2 != 0)
        {
            throw new RequestException($"{keys.Place}: heads {shape.HeadDim} wide cannot be rotated (must be even); fetch the file again.");
        }

        var pooling = keys.Text("classifier_pooling", "cls");
        var (globalTheta, localTheta) = Thetas(keys);
        var traits = new Traits(
            Slides(keys, shape.Layers),
            keys.Int("local_attention", 128) / 2,
            globalTheta,
            localTheta,
            keys.Bool("norm_bias", false),
            keys.Bool("attention_bias", false),
            keys.Bool("mlp_bias", false),
            keys.Bool("classifier_bias", false),
            pooling is "cls" or "mean" ? pooling == "mean" : throw new RequestException($"{keys.Place}: 'classifier_pooling' must be cls or mean, not {pooling}."));
        return new ModernBert(shape with { NormEps = keys.Number("norm_eps", 1e-5) }, traits);
    }

    /// <inheritdoc/>
    public override Tensor Hidden(EncoderBatch batch)
    {
        using var scope = NewDisposeScope();
        globalRotary.Ensure(batch.Length);
        localRotary.Ensure(batch.Length);
        var window = WindowMask(batch);
        var x = Normalized(Embedded("model.embeddings.tok_embeddings.weight", batch.Ids), "model.embeddings.norm", traits.NormBias);
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            var next = Layer(x, layer, traits.Slides[layer] ? window : batch.Mask, batch);
            x.Dispose();
            x = next;
        }

        return Normalized(x, "model.final_norm", traits.NormBias).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden, EncoderBatch batch)
    {
        using var scope = NewDisposeScope();
        var pooled = traits.MeanPooling ? Mean(hidden, batch) : First(hidden, batch);
        var head = Normalized(nn.functional.gelu(Dense(pooled, "head.", "dense", traits.HeadBias)), "head.norm", traits.NormBias);
        return Dense(head, "", "classifier").MoveToOuterDisposeScope();
    }

    private Tensor Layer(Tensor x, int index, Tensor? mask, EncoderBatch batch)
    {
        using var scope = NewDisposeScope();
        var layer = $"model.layers.{index}.";
        var normed = index == 0 ? x : Normalized(x, layer + "attn_norm", traits.NormBias); // the embedding's norm serves the first layer
        var qkv = Dense(normed, layer + "attn.", "Wqkv", traits.AttentionBias);
        Rotary.Apply(qkv, traits.Slides[index] ? localRotary : globalRotary, batch.Positions, 2 * Config.Heads, inverse: false);
        var middle = Dense(Attended(qkv, batch, mask), layer + "attn.", "Wo", traits.AttentionBias).add_(x);
        var gated = Dense(Normalized(middle, layer + "mlp_norm", traits.NormBias), layer + "mlp.", "Wi", traits.MlpBias);
        var active = nn.functional.gelu(gated.narrow(1, 0, Config.IntermediateSize)).mul_(gated.narrow(1, Config.IntermediateSize, Config.IntermediateSize));
        return Dense(active, layer + "mlp.", "Wo", traits.MlpBias).add_(middle).MoveToOuterDisposeScope();
    }

    /// <summary>What a layer with a window adds to its scores. [1 or rows, 1, length, length]</summary>
    private Tensor WindowMask(EncoderBatch batch)
    {
        var place = arange(batch.Length, ScalarType.Int64, CPU);
        var far = (place.unsqueeze(1) - place.unsqueeze(0)).abs().gt(traits.Reach);
        var mask = far.to(ScalarType.Float32).mul_(EncoderBatch.Masked).view(1, 1, batch.Length, batch.Length);
        return batch.Mask is { } padding ? mask + padding : mask;
    }

    private static Tensor Mean(Tensor hidden, EncoderBatch batch)
    {
        var rows = hidden.view(batch.Rows, batch.Length, -1);
        return stack([.. batch.Lengths.Select((length, row) => rows.select(0, row).narrow(0, 0, length).mean([0]))]);
    }

    private static bool[] Slides(ConfigKeys keys, int layers)
    {
        if (keys.List("layer_types") is not { } types)
        {
            var period = keys.Int("global_attn_every_n_layers", 3);
            return [.. Enumerable.Range(0, layers).Select(layer => layer % period != 0)];
        }

        _ = keys.Has("global_attn_every_n_layers"); // what layer_types was made from
        bool[] slides = [.. types.Select(type => type.ToString() switch
        {
            "sliding_attention" => true,
            "full_attention" => false,
            _ => throw keys.Wrong("layer_types", type, "a list of full_attention and sliding_attention"),
        })];
        return slides.Length == layers
            ? slides
            : throw new RequestException($"{keys.Place}: 'layer_types' lists {slides.Length} layers, 'num_hidden_layers' is {layers}; correct one of them.");
    }

    /// <summary>Rotary bases of the layers that see everything and of the others: as transformers 5 writes them, or as 4 did.</summary>
    private static (double Global, double Local) Thetas(ConfigKeys keys)
    {
        if (keys.Object("rope_parameters") is not { } rope)
        {
            var theta = keys.Number("global_rope_theta", 160_000);
            return (theta, keys.Number("local_rope_theta", keys.IsPresent("local_rope_theta") ? theta : 10_000));
        }

        var read = (Theta("full_attention", 160_000), Theta("sliding_attention", 10_000));
        rope.RefuseOthers(new HashSet<string>());
        return read;

        double Theta(string kind, double otherwise)
        {
            if (rope.Object(kind) is not { } of)
            {
                return otherwise;
            }

            of.MustBe("rope_type", "default");
            var theta = of.Number("rope_theta", otherwise);
            of.RefuseOthers(new HashSet<string>());
            return theta;
        }
    }
}

using ProxyReward.Models.Checkpoints;
using static TorchSharp.torch;

namespace ProxyReward.Models.Encoders;

/// <summary>RoBERTa (arXiv 1907.11692): learnt positions that begin behind the padding token's id; a head of two layers with tanh.</summary>
internal sealed class Roberta(EncoderConfig config) : PostNormEncoder(config, "roberta.", ["query", "key", "value"])
{
    private const string Positions = "roberta.embeddings.position_embeddings.weight";

    private int FirstPosition => Config.PadTokenId + 1;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, long[] Shape)> Parameters =>
    [
        .. Trunk(),
        (Positions, [Config.MaxTokens + FirstPosition, Config.HiddenSize]),
        .. Matrix("classifier.", ["dense"], Config.HiddenSize, Config.HiddenSize),
        .. Matrix("classifier.", ["out_proj"], Config.Labels.Count, Config.HiddenSize),
    ];

    public static EncoderNetwork Read(ConfigKeys keys, EncoderConfig shape)
    {
        keys.MustBe("hidden_act", "gelu");
        keys.MustBe("position_embedding_type", "absolute");
        keys.MustBe("add_cross_attention", "false");
        var positions = shape.MaxTokens - shape.PadTokenId - 1;
        return positions > 0
            ? new Roberta(shape with { MaxTokens = positions, TokenTypes = keys.Int("type_vocab_size", 2), NormEps = keys.Number("layer_norm_eps", 1e-12) })
            : throw new RequestException($"{keys.Place}: 'max_position_embeddings' {shape.MaxTokens} leaves none behind the padding token {shape.PadTokenId}; fetch the file again.");
    }

    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden, EncoderBatch batch)
    {
        using var scope = NewDisposeScope();
        var pooled = tanh(Dense(First(hidden, batch), "classifier.", "dense"));
        return Dense(pooled, "classifier.", "out_proj").MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor WithPositions(Tensor x, EncoderBatch batch) => x.view(batch.Rows, batch.Length, -1)
        .add_(Weights.MasterView(Positions).narrow(0, FirstPosition, batch.Length)).view(-1, Config.HiddenSize);

    /// <inheritdoc/>
    protected override Tensor SelfAttention(Tensor qkv, int layer, EncoderBatch batch) => Attended(qkv, batch, batch.Mask);
}

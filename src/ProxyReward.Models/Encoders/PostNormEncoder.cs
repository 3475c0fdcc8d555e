using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Encoders;

/// <summary>BERT's layer, which RoBERTa and DeBERTa share: attention and feed-forward, each added to its input and normalised after.</summary>
/// <param name="config">Its shape.</param>
/// <param name="prefix">"roberta."</param>
/// <param name="projections">What the family calls q, k and v.</param>
internal abstract class PostNormEncoder(EncoderConfig config, string prefix, string[] projections) : EncoderNetwork(config)
{
    protected string Words => $"{prefix}embeddings.word_embeddings.weight";

    protected string Types => $"{prefix}embeddings.token_type_embeddings.weight";

    /// <inheritdoc/>
    public override IReadOnlySet<string> Unused { get; } = new HashSet<string>
    {
        $"{prefix}embeddings.position_ids", $"{prefix}embeddings.token_type_ids", $"{prefix}pooler.dense.weight", $"{prefix}pooler.dense.bias",
    };

    /// <inheritdoc/>
    public override Tensor Hidden(EncoderBatch batch)
    {
        using var scope = NewDisposeScope();
        var x = Embedded(Words, batch.Ids);
        if (Config.TokenTypes > 0)
        {
            x = x.add_(Embedded(Types, batch.Types));
        }

        x = Normalized(WithPositions(x, batch), $"{prefix}embeddings.LayerNorm");
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            var next = Layer(x, layer, batch);
            x.Dispose();
            x = next;
        }

        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Adds absolute positions, where the family has them.</summary>
    protected abstract Tensor WithPositions(Tensor x, EncoderBatch batch);

    /// <returns>[rows · length, hidden]</returns>
    protected abstract Tensor SelfAttention(Tensor qkv, int layer, EncoderBatch batch);

    protected string Self(int layer) => $"{prefix}encoder.layer.{layer}.attention.self.";

    /// <summary>Embedding and layers; the head is the family's.</summary>
    protected IEnumerable<(string Name, long[] Shape)> Trunk()
    {
        long hidden = Config.HiddenSize, inner = Config.IntermediateSize;
        yield return (Words, [Config.VocabSize, hidden]);
        if (Config.TokenTypes > 0)
        {
            yield return (Types, [Config.TokenTypes, hidden]);
        }

        foreach (var parameter in Norm($"{prefix}embeddings.LayerNorm", hidden))
        {
            yield return parameter;
        }

        foreach (var parameter in Enumerable.Range(0, Config.Layers).Select(i => $"{prefix}encoder.layer.{i}.").SelectMany(layer => (IEnumerable<(string, long[])>)
        [
            .. Matrix(layer + "attention.self.", projections, hidden, hidden),
            .. Matrix(layer + "attention.output.", ["dense"], hidden, hidden),
            .. Norm(layer + "attention.output.LayerNorm", hidden),
            .. Matrix(layer + "intermediate.", ["dense"], inner, hidden),
            .. Matrix(layer + "output.", ["dense"], hidden, inner),
            .. Norm(layer + "output.LayerNorm", hidden),
        ]))
        {
            yield return parameter;
        }
    }

    private Tensor Layer(Tensor x, int index, EncoderBatch batch)
    {
        using var scope = NewDisposeScope();
        var layer = $"{prefix}encoder.layer.{index}.";
        var attended = SelfAttention(Dense(x, Self(index), projections), index, batch);
        var middle = Normalized(Dense(attended, layer + "attention.output.", "dense").add_(x), layer + "attention.output.LayerNorm");
        var inner = nn.functional.gelu(Dense(middle, layer + "intermediate.", "dense"));
        return Normalized(Dense(inner, layer + "output.", "dense").add_(middle), layer + "output.LayerNorm").MoveToOuterDisposeScope();
    }
}

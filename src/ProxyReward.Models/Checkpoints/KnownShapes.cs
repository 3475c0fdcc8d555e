using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// The shapes of the models that the paper trains, as their config.json on the Hub has them: what a run would take can be said before gigabytes
/// are fetched. Nothing is loaded by them.
/// </summary>
public static class KnownShapes
{
    private static readonly Dictionary<string, ModelConfig> Shapes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Qwen/Qwen2.5-1.5B-Instruct"] = Qwen(layers: 28, hidden: 1536, inner: 8960, heads: 12, keyValueHeads: 2, vocabulary: 151936, tied: true),
        ["Qwen/Qwen2.5-3B-Instruct"] = Qwen(layers: 36, hidden: 2048, inner: 11008, heads: 16, keyValueHeads: 2, vocabulary: 151936, tied: true),
        ["Qwen/Qwen2.5-7B-Instruct"] = Qwen(layers: 28, hidden: 3584, inner: 18944, heads: 28, keyValueHeads: 4, vocabulary: 152064, tied: false),
        ["meta-llama/Llama-3.1-8B-Instruct"] = new()
        {
            Family = "llama",
            VocabSize = 128256,
            HiddenSize = 4096,
            Layers = 32,
            Heads = 32,
            KeyValueHeads = 8,
            HeadDim = 128,
            IntermediateSize = 14336,
            MaxPositions = 131072,
            RmsNormEps = 1e-5,
            TieWordEmbeddings = false,
            RopeTheta = 500000,
            RopeScaling = new RopeScaling(RopeScalingKind.Llama3) { Factor = 8, LowFrequencyFactor = 1, HighFrequencyFactor = 4, OriginalMaxPositions = 8192 },
            AttentionScale = 1 / Math.Sqrt(128),
        },
    };

    /// <summary>Their ids.</summary>
    public static IEnumerable<string> Ids => Shapes.Keys;

    /// <summary>The shape of a model; null for one that the paper does not have.</summary>
    /// <param name="id"><c>owner/name</c>, with or without a revision.</param>
    public static ModelConfig? Find(string id) => Shapes.GetValueOrDefault(id.Split('@')[0]);

    private static ModelConfig Qwen(int layers, int hidden, int inner, int heads, int keyValueHeads, int vocabulary, bool tied) => new()
    {
        Family = "qwen2",
        VocabSize = vocabulary,
        HiddenSize = hidden,
        Layers = layers,
        Heads = heads,
        KeyValueHeads = keyValueHeads,
        HeadDim = 128,
        IntermediateSize = inner,
        MaxPositions = 32768,
        RmsNormEps = 1e-6,
        TieWordEmbeddings = tied,
        QkvBias = true,
        RopeTheta = 1_000_000,
        AttentionScale = 1 / Math.Sqrt(128),
    };
}

using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Tests.Transformer;

/// <summary>The shape of a model that is small enough for a sum worked by hand; tests say with <c>with</c> what they need otherwise.</summary>
internal static class TinyModel
{
    /// <summary>One layer of one head of eight, fifty tokens, a head of its own.</summary>
    public static ModelConfig Config { get; } = new()
    {
        Family = "llama",
        VocabSize = 50,
        HiddenSize = 8,
        Layers = 1,
        Heads = 1,
        KeyValueHeads = 1,
        HeadDim = 8,
        IntermediateSize = 8,
        MaxPositions = 8,
        RmsNormEps = 1e-5,
        TieWordEmbeddings = false,
        RopeTheta = 10_000,
        AttentionScale = 1,
    };
}

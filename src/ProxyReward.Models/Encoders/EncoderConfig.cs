namespace ProxyReward.Models.Encoders;

/// <summary>The shape of a sequence classifier: what all families have. Immutable.</summary>
public sealed record EncoderConfig
{
    /// <summary>Hugging Face's <c>model_type</c>.</summary>
    public required string Family { get; init; }

    /// <summary>Rows of the embedding.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Width of the hidden states.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Width inside the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>The longest sequence, in tokens, those of the template included.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Fills shorter rows of a batch up; what is computed from it is never looked at.</summary>
    public required int PadTokenId { get; init; }

    /// <summary>Added to variances.</summary>
    public required double NormEps { get; init; }

    /// <summary>Token types that the embedding tells apart; 0: it has none.</summary>
    public int TokenTypes { get; init; }

    /// <summary>What each logit stands for, in the checkpoint's own words (<c>id2label</c>); LABEL_0, LABEL_1, … where it has none.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    internal int HeadDim => HiddenSize / Heads;
}

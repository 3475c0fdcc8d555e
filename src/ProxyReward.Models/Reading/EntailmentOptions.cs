namespace ProxyReward.Models.Reading;

/// <summary>How the entailment reader reads (ours).</summary>
public sealed record EntailmentOptions
{
    /// <summary>
    /// Tokens of a pair where <see cref="WindowTokens"/> does not say otherwise: NLI models have learnt from texts of a few hundred tokens at
    /// most, so that more is no gain even where an encoder has room for thousands.
    /// </summary>
    public const int DefaultPairTokens = 512;

    /// <summary>What an entailment, or a contradiction, must at least have as its probability to count.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Tokens of a response that are read at once, at most; 0: what the encoder, or <see cref="DefaultPairTokens"/>, leaves beside a statement.</summary>
    public int WindowTokens { get; init; }

    /// <summary>Tokens that a window shares with the one before, at most; never more than half a window.</summary>
    public int Overlap { get; init; } = 64;
}

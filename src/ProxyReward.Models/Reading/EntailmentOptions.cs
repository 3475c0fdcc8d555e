namespace ProxyReward.Models.Reading;

/// <summary>How the entailment reader reads (ours).</summary>
public sealed record EntailmentOptions
{
    /// <summary>A verdict needs this probability of the best window.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>
    /// Tokens of a window, statement and template included; the encoder's own limit where that is smaller. NLI models have learnt from texts
    /// of a few hundred tokens, so that more is no gain even where an encoder has room for thousands.
    /// </summary>
    public int WindowTokens { get; init; } = 512;
}

namespace ProxyReward.Pairs;

/// <summary>What the selection of pairs needs beside the rewards.</summary>
/// <param name="Seed">The recipe's seed; draws what is chosen at random.</param>
public sealed record PairContext(long Seed)
{
    /// <summary>The trainer's longest prompt + completion where it drops what is longer; null where it cuts.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Whether precision means anything: not where the reader knows the gold answers.</summary>
    public bool HasPrecision { get; init; } = true;

    /// <summary>The domain of each question, by its id.</summary>
    public IReadOnlyDictionary<string, string> Domains { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The text of each response, by its id.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

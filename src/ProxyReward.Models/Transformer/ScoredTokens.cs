namespace ProxyReward.Models.Transformer;

/// <summary>Which tokens of a batch are scored. A row may stand there more than once: after a shared prompt each completion has its own first token.</summary>
/// <param name="Rows">The row whose hidden state predicts each.</param>
/// <param name="Targets">Each token.</param>
public sealed record ScoredTokens(int[] Rows, int[] Targets)
{
    /// <summary>One token after every row.</summary>
    public static ScoredTokens AfterEachRow(int[] targets) => new([.. Enumerable.Range(0, targets.Length)], targets);
}

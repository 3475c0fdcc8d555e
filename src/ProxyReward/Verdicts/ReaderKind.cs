namespace ProxyReward.Verdicts;

/// <summary>The readers that recipes can name.</summary>
public enum ReaderKind
{
    /// <summary>The pocket lab's parser: exact.</summary>
    Exact,

    /// <summary>The pocket lab's untrained reader: looks for the value in the text.</summary>
    Value,

    /// <summary>Looks for the evidence that a question set gives; knows the gold answers.</summary>
    Evidence,
}

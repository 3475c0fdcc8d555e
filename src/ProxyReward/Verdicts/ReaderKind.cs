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

    /// <summary>A chat model, hosted or on this machine.</summary>
    Chat,

    /// <summary>A language model on this machine, by the log-probs of the answers; nothing is generated.</summary>
    Logit,

    /// <summary>An encoder classifier on this machine that tells entailment from contradiction.</summary>
    Entailment,
}

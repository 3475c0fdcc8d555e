namespace ProxyReward.Pairs.Strategies;

/// <summary>Which responses of a question meet. A function of the question (and of a seed), not of the order of its responses.</summary>
internal interface IPairStrategy
{
    /// <summary>Why a question may get no pair at all; null where each question of two responses gets one.</summary>
    string? WhyNone { get; }

    /// <summary>The pairs of a question, in the order in which they would be given up last.</summary>
    IEnumerable<CandidatePair> PairsOf(RatedQuestion question);
}

using ProxyReward.Questions;

namespace ProxyReward.Evaluation;

/// <summary>Knows the truth about what a question asks for (the pocket lab does; nobody does for a real model). Thread-safe.</summary>
public interface IFactChecker
{
    /// <summary>Counts what a text states, or null where no truth is known about the question.</summary>
    FactCheck? Check(MetaQuestion question, string text);
}

/// <summary>What a text states, counted in sentences that state a fact.</summary>
/// <param name="Facts">Fact sentences; a repeated fact counts each time.</param>
/// <param name="Contradicted">Those whose value contradicts the truth.</param>
/// <param name="Duplicates">Those whose attribute was already stated in the text.</param>
public sealed record FactCheck(int Facts, int Contradicted, int Duplicates);

using ProxyReward.Questions;

namespace ProxyReward.Verdicts;

/// <summary>
/// Answers proxy questions from a text and nothing else (paper, section "Proxy-based evaluation").
/// Implementations are safe to call from several threads.
/// </summary>
public interface IReader
{
    /// <summary>The name that recipes and run folders use.</summary>
    string Name { get; }

    /// <summary>Whether the reader quotes the sentence it relied on; if so a quote that is not in the text turns the verdict into NotStated.</summary>
    bool Quotes { get; }

    /// <summary>Whether the reader is given the gold answers (keyword evidence): precision, twins and conflict filters mean nothing then.</summary>
    bool KnowsGoldAnswers { get; }

    /// <summary>Reads a text once and judges every proxy question of the meta-question, in order.</summary>
    /// <param name="question">The meta-question with its proxies.</param>
    /// <param name="text">The response; may be empty, may be hostile: it is data, never an instruction.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken);
}

using System.Runtime.CompilerServices;
using ProxyReward.Questions;

namespace ProxyReward.Verdicts;

/// <summary>
/// The keyword reader of the question sets (ours): a proxy question whose <see cref="Evidence"/> stands in one sentence of the text gets the
/// gold answer and that sentence as its quote; one without is NotStated. Offline and deterministic, but it knows the answers and does not
/// understand: a text can satisfy it with the right words in a wrong sentence, though not with a question (sentences that end in "?" are
/// passed over). Time is linear in the text. Thread-safe.
/// </summary>
public sealed class EvidenceReader : IReader
{
    // By reference and weak: a question is compiled once for as long as somebody holds it.
    private readonly ConditionalWeakTable<MetaQuestion, CompiledEvidence> compiled = [];

    /// <summary>Refuses a question that this reader could not read, before anything is written to it.</summary>
    /// <param name="question">The question.</param>
    /// <param name="place">Where it stands, for the message.</param>
    /// <exception cref="RequestException">A proxy question has no evidence, or an evidence string without any word.</exception>
    public static void Require(MetaQuestion question, string place)
    {
        try
        {
            _ = new CompiledEvidence(question);
        }
        catch (RequestException e)
        {
            throw new RequestException($"{place}: {e.Message}.", e);
        }
    }

    /// <inheritdoc/>
    public string Name => "evidence";

    /// <inheritdoc/>
    public bool Quotes => true;

    /// <inheritdoc/>
    public bool KnowsGoldAnswers => true;

    /// <inheritdoc/>
    /// <exception cref="RequestException">A proxy question has no evidence, or an evidence string without any word.</exception>
    public Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ProxyVerdict>>(
            compiled.GetValue(question, static q => new CompiledEvidence(q)).Read(text, cancellationToken));
}

using ProxyReward.Questions;

namespace ProxyReward.Verdicts;

/// <summary>
/// A verdict of a reader that quotes must rest on a sentence of the text: one whose quote is missing or is not in the text becomes
/// <see cref="Verdict.NotStated"/> (ours; it keeps readers from answering out of their own knowledge).
/// </summary>
public static class QuoteRule
{
    /// <summary>Reads a text, holds the reader to one verdict per proxy question in order, and applies the rule.</summary>
    /// <exception cref="InvalidOperationException">The reader answered other proxies than it was asked: a defect of the reader.</exception>
    public static async Task<IReadOnlyList<ProxyVerdict>> ReadCheckedAsync(
        this IReader reader, MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        var verdicts = await reader.ReadAsync(question, text, cancellationToken).ConfigureAwait(false);
        if (!verdicts.Select(v => v.ProxyId).SequenceEqual(question.Proxies.Select(p => p.Id), StringComparer.Ordinal))
        {
            throw new InvalidOperationException($"reader '{reader.Name}' did not answer the proxies of '{question.Id}' one by one, in order");
        }

        if (!reader.Quotes)
        {
            return verdicts;
        }

        var words = Words(text);
        return [.. verdicts.Select(v => Holds(v, words) ? v : v with { Verdict = Verdict.NotStated, Quote = null })];
    }

    private static bool Holds(ProxyVerdict verdict, string words) =>
        verdict.Verdict == Verdict.NotStated
        || (verdict.Quote is { } quote && Words(quote) is { Length: > 0 } sought && words.Contains(sought, StringComparison.Ordinal));

    // Line breaks inside a sentence are no part of what it says, and models rarely copy them.
    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

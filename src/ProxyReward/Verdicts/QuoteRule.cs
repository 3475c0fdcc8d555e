using ProxyReward.Questions;

namespace ProxyReward.Verdicts;

/// <summary>
/// A verdict must rest on the text (ours; it keeps readers from answering out of their own knowledge): a text without a letter or digit
/// states nothing and is shown to nobody, and of a reader that quotes, a verdict whose quote is missing or is not in the text becomes
/// <see cref="Verdict.NotStated"/>. What does not count is said by <see cref="QuotableText"/>.
/// </summary>
public static class QuoteRule
{
    /// <summary>Reads a text, holds the reader to one verdict per proxy question in order, and applies the rule.</summary>
    /// <exception cref="InvalidOperationException">The reader answered other proxies than it was asked: a defect of the reader.</exception>
    public static async Task<IReadOnlyList<ProxyVerdict>> ReadCheckedAsync(
        this IReader reader, MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        if (!text.Any(char.IsLetterOrDigit))
        {
            return [.. question.Proxies.Select(proxy => new ProxyVerdict(proxy.Id, Verdict.NotStated))];
        }

        var verdicts = await reader.ReadAsync(question, text, cancellationToken).ConfigureAwait(false);
        if (!verdicts.Select(v => v.ProxyId).SequenceEqual(question.Proxies.Select(p => p.Id), StringComparer.Ordinal))
        {
            throw new InvalidOperationException($"reader '{reader.Name}' did not answer the proxies of '{question.Id}' one by one, in order");
        }

        if (!reader.Quotes)
        {
            return verdicts;
        }

        var quotable = new QuotableText(text);
        return [.. verdicts.Select(v => Holds(v, quotable) ? v : v with { Verdict = Verdict.NotStated, Quote = null, Failure = ReadingFailure.Quote })];
    }

    private static bool Holds(ProxyVerdict verdict, QuotableText text) =>
        verdict.Verdict == Verdict.NotStated || (verdict.Quote is { } quote && text.Find(quote) is not null);
}

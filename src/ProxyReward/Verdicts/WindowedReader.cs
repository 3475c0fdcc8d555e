using ProxyReward.Questions;

namespace ProxyReward.Verdicts;

/// <summary>
/// Reads a long text window by window and merges what was read (ours): a proxy question gets the verdict of the most confident window that
/// settles it. Where one window says True and another False it is NotStated, as for any text that contradicts itself, so that listing every
/// possibility cannot pay; where none settles it, NotStated.
/// </summary>
/// <param name="reader">Reads a window.</param>
/// <param name="tokens">What a window may hold.</param>
/// <param name="overlap">What it shares with the one before at most.</param>
/// <param name="count">Counts the tokens of a text.</param>
public sealed class WindowedReader(IReader reader, int tokens, int overlap, Func<string, int> count) : IReader
{
    /// <inheritdoc/>
    public string Name => reader.Name;

    /// <inheritdoc/>
    public bool Quotes => reader.Quotes;

    /// <inheritdoc/>
    public bool KnowsGoldAnswers => reader.KnowsGoldAnswers;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        // Equal windows are read once: a text that repeats itself costs no more than it says.
        var windows = TextWindows.Of(text, tokens, overlap, count).Distinct(StringComparer.Ordinal).ToList();
        if (windows.Count <= 1)
        {
            return await reader.ReadAsync(question, windows.FirstOrDefault(""), cancellationToken).ConfigureAwait(false);
        }

        var read = await Task.WhenAll(windows.Select(window => reader.ReadCheckedAsync(question, window, cancellationToken))).ConfigureAwait(false);
        return [.. question.Proxies.Select((_, proxy) => Merge([.. read.Select(verdicts => verdicts[proxy])]))];
    }

    /// <summary>What windows of one text say about one proxy question, as one verdict.</summary>
    internal static ProxyVerdict Merge(IReadOnlyList<ProxyVerdict> windows)
    {
        var stated = windows.Where(window => window.Verdict != Verdict.NotStated).ToList();
        return stated.Select(window => window.Verdict).Distinct().Count() switch
        {
            0 => windows.MinBy(window => (window.Failure is null, window.Confidence ?? 0))!,
            1 => stated.MaxBy(window => window.Confidence ?? 0)!,
            _ => new ProxyVerdict(windows[0].ProxyId, Verdict.NotStated),
        };
    }
}

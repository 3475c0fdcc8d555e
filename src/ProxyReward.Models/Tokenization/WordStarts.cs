namespace ProxyReward.Models.Tokenization;

/// <summary>
/// Cuts a text before the marks of its words, wherever no token reaches across: merging the pieces then gives what merging the whole does, and
/// a text that its file leaves in one piece takes linear time all the same. Ours.
/// </summary>
internal sealed class WordStarts : ISplitter
{
    private readonly HashSet<char> crossed = [];

    /// <param name="tokens">The vocabulary.</param>
    public WordStarts(IEnumerable<string> tokens)
    {
        foreach (var token in tokens)
        {
            for (var at = 1; at < token.Length; at++)
            {
                if (IsStart(token, at))
                {
                    crossed.Add(token[at - 1]);
                }
            }
        }
    }

    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        for (var at = start + 1; at < text.Length; at++)
        {
            if (IsStart(text, at) && !crossed.Contains(text[at - 1]))
            {
                return at;
            }
        }

        return text.Length;
    }

    private static bool IsStart(ReadOnlySpan<char> text, int at) => text[at] == Metaspace.UsualMark && text[at - 1] != Metaspace.UsualMark;
}

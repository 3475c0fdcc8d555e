namespace ProxyReward.Models.Tokenization;

/// <summary>
/// SentencePiece's way of keeping spaces: each is written as a visible mark (▁), a text gets one in front, and a piece begins at each.
/// </summary>
/// <param name="Mark">▁</param>
/// <param name="Prepends">A text that does not begin with the mark gets one.</param>
/// <param name="Splits">A piece begins at each mark; otherwise a text is one piece.</param>
internal sealed record Metaspace(char Mark, bool Prepends, bool Splits) : ISplitter
{
    /// <summary>The text with marks; nothing stays nothing.</summary>
    public string Write(string text)
    {
        var marked = text.Replace(' ', Mark);
        return Prepends && marked.Length > 0 && marked[0] != Mark ? Mark + marked : marked;
    }

    /// <summary>What a token stands for in a decoded text; the first one's marks were put there by <see cref="Write"/>.</summary>
    public string Read(string token, bool first) => first && Prepends ? token.Replace(Mark.ToString(), "") : token.Replace(Mark, ' ');

    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> text, int start) =>
        Splits && text[(start + 1)..].IndexOf(Mark) is >= 0 and var length ? start + 1 + length : text.Length;
}

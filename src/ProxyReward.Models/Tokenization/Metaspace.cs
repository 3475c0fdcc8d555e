using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>Which texts get SentencePiece's mark in front; by the names of <c>prepend_scheme</c>.</summary>
internal enum PrependScheme
{
    /// <summary>None.</summary>
    Never,

    /// <summary>The whole text, not what follows an added token.</summary>
    First,

    /// <summary>Every stretch between added tokens.</summary>
    Always,
}

/// <summary>
/// SentencePiece's way of keeping spaces: each is written as a visible mark (▁), a text gets one in front, and a piece begins at each.
/// </summary>
/// <param name="Mark">▁</param>
/// <param name="Prepends">Which texts get a mark in front if they do not begin with one.</param>
/// <param name="Splits">A piece begins at each mark; otherwise a text is one piece.</param>
internal sealed record Metaspace(char Mark, PrependScheme Prepends, bool Splits) : ISplitter, ITokenSpelling
{
    /// <summary>The mark that all published vocabularies use.</summary>
    public const char UsualMark = '▁';

    /// <summary>The text with marks; nothing stays nothing.</summary>
    /// <param name="atStart">Whether a whole text begins here, or what follows an added token.</param>
    public string Write(string text, bool atStart)
    {
        var marked = text.Replace(' ', Mark);
        var prepends = Prepends == PrependScheme.Always || (Prepends == PrependScheme.First && atStart);
        return prepends && marked.Length > 0 && marked[0] != Mark ? Mark + marked : marked;
    }

    /// <inheritdoc/>
    public byte[] Bytes(string token) => Encoding.UTF8.GetBytes(token.Replace(Mark, ' '));

    /// <inheritdoc/>
    /// <remarks>The first token's marks were put there by <see cref="Write"/>.</remarks>
    public byte[] FirstBytes(string token) => Prepends == PrependScheme.Never ? Bytes(token) : Encoding.UTF8.GetBytes(token.Replace(Mark.ToString(), ""));

    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> text, int start) =>
        Splits && text[(start + 1)..].IndexOf(Mark) is >= 0 and var length ? start + 1 + length : text.Length;
}

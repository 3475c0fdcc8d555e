namespace ProxyReward.Models.Tokenization;

/// <summary>Cuts behind each occurrence of a text ("MergedWithPrevious").</summary>
/// <param name="text">Not empty.</param>
internal sealed class LiteralSplitter(string text) : ISplitter
{
    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> piece, int start) =>
        piece[start..].IndexOf(text) is >= 0 and var found ? start + found + text.Length : piece.Length;
}

namespace ProxyReward.Models.Tokenization;

/// <summary>A pre-tokenizing rule: cuts a text into pieces that are encoded by themselves. Stateless, hence thread-safe.</summary>
internal interface ISplitter
{
    /// <summary>The end of the piece that begins at <paramref name="start"/>; always beyond it.</summary>
    int PieceEnd(ReadOnlySpan<char> text, int start);
}

namespace ProxyReward.Models.Tokenization;

/// <summary>Turns a piece of text, cut out by the splitting rules, into token ids. Thread-safe.</summary>
internal interface IPieceEncoder
{
    /// <summary>Appends the ids of a piece; none of an empty one.</summary>
    void Encode(ReadOnlySpan<char> piece, List<int> output);
}

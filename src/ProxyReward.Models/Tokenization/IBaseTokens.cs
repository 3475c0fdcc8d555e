namespace ProxyReward.Models.Tokenization;

/// <summary>The tokens that a piece of text consists of before anything is merged. Thread-safe.</summary>
internal interface IBaseTokens
{
    /// <summary>Their ids, in memory of the caller's own.</summary>
    Span<int> Of(ReadOnlySpan<char> piece);

    /// <summary>The piece as the vocabulary would write it if it were one token.</summary>
    string Whole(ReadOnlySpan<char> piece);
}

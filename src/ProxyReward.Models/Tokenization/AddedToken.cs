namespace ProxyReward.Models.Tokenization;

/// <summary>A token that is cut out of the text before it is split (chat marks, end of text, …), with Hugging Face's flags.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">What it looks like in text.</param>
public sealed record AddedToken(int Id, string Content)
{
    /// <summary>Left out by decoding without special tokens, and plain text where special tokens are read as text.</summary>
    public bool Special { get; init; }

    /// <summary>Matches only where no word character touches it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Swallows white space before it.</summary>
    public bool LStrip { get; init; }

    /// <summary>Swallows white space after it.</summary>
    public bool RStrip { get; init; }

    /// <summary>Looked for after the text was normalised, not before.</summary>
    public bool Normalized { get; init; }
}

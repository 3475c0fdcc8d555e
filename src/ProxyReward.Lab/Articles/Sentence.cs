using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Articles;

/// <summary>What a sentence of a text is to the world.</summary>
public enum SentenceKind
{
    /// <summary>None of the world's sentences, or about something else.</summary>
    Other,

    /// <summary>States a fact, true or not.</summary>
    Fact,

    /// <summary>Opens an article.</summary>
    Opener,

    /// <summary>Closes an article.</summary>
    Closer,

    /// <summary>A stock sentence that says nothing.</summary>
    Filler,
}

/// <summary>A sentence of a text.</summary>
/// <param name="Span">Where it is in the text, its stop included.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Register">The register it belongs to; null for <see cref="SentenceKind.Other"/>.</param>
/// <param name="Fact">What it states; null unless the kind is <see cref="SentenceKind.Fact"/>.</param>
public readonly record struct Sentence(Range Span, SentenceKind Kind, Register? Register, Fact? Fact);

namespace ProxyReward.Lab.Corpus;

/// <summary>What a document teaches.</summary>
public enum DocumentKind
{
    /// <summary>To write an article about an entity of the world.</summary>
    Article,

    /// <summary>To judge statements from a text, quoting the value first.</summary>
    Reading,

    /// <summary>To rate an article as the SIMULATED, style-loving judge does.</summary>
    Rating,
}

/// <summary>
/// A conversation as the model sees it, special tokens included, cut where the weight of its tokens in the loss changes.
/// </summary>
/// <param name="Kind">What it teaches.</param>
/// <param name="Segments">To be tokenized one by one and joined: a prompt and its completion are tokenized apart in the loop as
/// well.</param>
public sealed record CorpusDocument(DocumentKind Kind, IReadOnlyList<Segment> Segments)
{
    /// <summary>The whole conversation.</summary>
    public string Text => string.Concat(Segments.Select(segment => segment.Text));
}

/// <summary>A stretch of a document whose tokens weigh the same in the loss, its first token perhaps apart.</summary>
/// <param name="Text">Not empty; may hold special tokens.</param>
/// <param name="FirstTokenWeight">Weight of predicting its first token; 0 is no loss.</param>
/// <param name="Weight">Weight of predicting each of the others.</param>
public readonly record struct Segment(string Text, float FirstTokenWeight, float Weight)
{
    /// <summary>Context: nothing is learnt from its tokens.</summary>
    public static Segment Silent(string text) => new(text, 0, 0);

    /// <summary>Every token weighs the same.</summary>
    public static Segment Even(string text, float weight) => new(text, weight, weight);
}

namespace ProxyReward.Models.Tokenization;

/// <summary>What a tokenizer puts around two texts to make one sequence of them (<c>[CLS] A [SEP] B [SEP]</c>). Immutable.</summary>
public sealed class PairTemplate
{
    private readonly IReadOnlyList<TemplatePiece> pieces;

    internal PairTemplate(IReadOnlyList<TemplatePiece> pieces) => this.pieces = pieces;

    /// <summary>Tokens that a pair takes beyond those of its texts.</summary>
    public int Overhead => pieces.Count(piece => piece.Token is not null);

    internal IEnumerable<int> Tokens => pieces.Where(piece => piece.Token is not null).Select(piece => piece.Token!.Value);

    /// <summary>The pair as one sequence.</summary>
    /// <param name="first">Tokens of the first text, nothing put around them.</param>
    /// <param name="second">Tokens of the second.</param>
    public TokenSequence Join(IReadOnlyList<int> first, IReadOnlyList<int> second)
    {
        var (ids, types) = (new List<int>(first.Count + second.Count + Overhead), new List<int>(first.Count + second.Count + Overhead));
        foreach (var piece in pieces)
        {
            ids.AddRange(piece.Token is { } token ? [token] : piece.IsFirst ? first : second);
            types.AddRange(Enumerable.Repeat(piece.Type, ids.Count - types.Count));
        }

        return new TokenSequence(ids, types);
    }
}

/// <summary>Tokens as an encoder takes them.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Types">Which text each belongs to; only some encoders look at it. As many as ids.</param>
public sealed record TokenSequence(IReadOnlyList<int> Ids, IReadOnlyList<int> Types);

/// <summary>A part of a template: a token, or where it is null the first or the second text.</summary>
/// <param name="Type">The token type id of all its tokens.</param>
internal sealed record TemplatePiece(int? Token, bool IsFirst, int Type);

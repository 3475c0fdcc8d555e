namespace ProxyReward.Models.Tokenization;

/// <summary>GPT-2's rule, written by hand because .NET's regular expressions do not see code points.</summary>
internal sealed class Gpt2Splitter : ISplitter
{
    /// <summary>The rule as tokenizer.json spells it where it is not left to ByteLevel.</summary>
    public const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        var contraction = Contraction(text[start..]);
        if (contraction > 0)
        {
            return start + contraction;
        }

        var body = text[start] == ' ' ? start + 1 : start;
        if (body < text.Length)
        {
            var kind = CharacterClasses.At(text, body, out _);
            if (kind != CharacterClass.Space)
            {
                return CharacterClasses.RunEnd(text, body, kind);
            }
        }

        return SpaceEnd(text, start);
    }

    /// <summary><c>\s+(?!\S)|\s+</c>: a run of white space leaves its last character to what follows.</summary>
    public static int SpaceEnd(ReadOnlySpan<char> text, int start)
    {
        var end = CharacterClasses.RunEnd(text, start, CharacterClass.Space);
        return end == text.Length || end == start + 1 ? end : end - 1;
    }

    private static int Contraction(ReadOnlySpan<char> text) => text switch
    {
        ['\'', 's' or 't' or 'm' or 'd', ..] => 2,
        ['\'', 'r', 'e', ..] or ['\'', 'v', 'e', ..] or ['\'', 'l', 'l', ..] => 3,
        _ => 0,
    };
}

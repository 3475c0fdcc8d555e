namespace ProxyReward.Models.Tokenization;

/// <summary>
/// The rule that Llama 3 and Qwen share but for the digits they take at once (3 and 1):
/// contractions in any case, a word may take one sign before it, newlines stay with what ends the line.
/// </summary>
/// <param name="digits">Most digits in a piece.</param>
internal sealed class Llama3Splitter(int digits) : ISplitter
{
    private const string Head = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|";
    private const string Tail = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The rule as Llama 3's tokenizer.json spells it.</summary>
    public const string PatternOfThreeDigits = Head + @"\p{N}{1,3}" + Tail;

    /// <summary>The rule as Qwen's tokenizer.json spells it.</summary>
    public const string PatternOfOneDigit = Head + @"\p{N}" + Tail;

    /// <summary>Most digits in a piece.</summary>
    public int Digits => digits;

    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        var contraction = Contraction(text[start..]);
        if (contraction > 0)
        {
            return start + contraction;
        }

        var kind = CharacterClasses.At(text, start, out var length);
        var next = start + length;
        switch (kind)
        {
            case CharacterClass.Letter:
                return CharacterClasses.RunEnd(text, next, CharacterClass.Letter);
            case CharacterClass.Number:
                return DigitsEnd(text, start);
        }

        var nextKind = next < text.Length ? CharacterClasses.At(text, next, out _) : CharacterClass.Space;
        if (nextKind == CharacterClass.Letter && text[start] is not ('\r' or '\n'))
        {
            return CharacterClasses.RunEnd(text, next, CharacterClass.Letter);
        }

        return SignsOrSpaceEnd(text, start, "\r\n");
    }

    /// <summary>
    /// <c> ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>: what is no word and no number.
    /// </summary>
    /// <param name="tail">What may follow signs.</param>
    public static int SignsOrSpaceEnd(ReadOnlySpan<char> text, int start, ReadOnlySpan<char> tail)
    {
        var signs = text[start] == ' ' ? start + 1 : start;
        if (CharacterClasses.RunEnd(text, signs, CharacterClass.Other) is var end && end > signs)
        {
            var rest = text[end..].IndexOfAnyExcept(tail);
            return rest < 0 ? text.Length : end + rest;
        }

        // \s*[\r\n]+ reaches the last newline of the run.
        var run = CharacterClasses.RunEnd(text, start, CharacterClass.Space);
        var newline = text[start..run].LastIndexOfAny('\r', '\n');
        return newline >= 0 ? start + newline + 1 : Gpt2Splitter.SpaceEnd(text, start);
    }

    private int DigitsEnd(ReadOnlySpan<char> text, int at)
    {
        for (var taken = 0; taken < digits && at < text.Length; taken++)
        {
            if (CharacterClasses.At(text, at, out var length) != CharacterClass.Number)
            {
                break;
            }

            at += length;
        }

        return at;
    }

    // U+017F (long s) is what an s matches without case beyond ASCII; the other letters here have no such relative.
    private static int Contraction(ReadOnlySpan<char> text) => text switch
    {
        ['\'', 's' or 'S' or '\u017F' or 't' or 'T' or 'm' or 'M' or 'd' or 'D', ..] => 2,
        ['\'', 'r' or 'R' or 'v' or 'V', 'e' or 'E', ..] or ['\'', 'l' or 'L', 'l' or 'L', ..] => 3,
        _ => 0,
    };
}

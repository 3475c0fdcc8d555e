using System.Globalization;
using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>The four classes that every splitting rule is made of: \p{L}, \p{N}, \s and the rest.</summary>
internal enum CharacterClass : byte
{
    Letter,
    Number,
    Space,
    Other,
}

/// <summary>
/// Classes of whole code points. .NET's regular expressions match UTF-16 units, for which a letter beyond U+FFFF is no letter;
/// the tokenizers were made with code points.
/// </summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] Ascii = [.. Enumerable.Range(0, 128).Select(c => Classify(new Rune(c)))];

    /// <summary>The class of the code point at a position, and its length in UTF-16 units. A lone surrogate is Other.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int at, out int length)
    {
        if (text[at] < 128)
        {
            length = 1;
            return Ascii[text[at]];
        }

        _ = Rune.DecodeFromUtf16(text[at..], out var rune, out length);
        return Classify(rune);
    }

    /// <summary>Where the run of a class that begins at a position ends (the position itself if there is none).</summary>
    public static int RunEnd(ReadOnlySpan<char> text, int at, CharacterClass wanted)
    {
        while (at < text.Length && At(text, at, out var length) == wanted)
        {
            at += length;
        }

        return at;
    }

    /// <summary>\w of the Rust regex library, by which Hugging Face judges <c>single_word</c>.</summary>
    public static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.LetterNumber => true,
        UnicodeCategory.ConnectorPunctuation => true,
        // Letters in circles and squares are Alphabetic, though symbols by category; then the two join controls.
        UnicodeCategory.OtherSymbol => rune.Value is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149)
            or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
        _ => rune.Value is 0x200C or 0x200D,
    };

    private static CharacterClass Classify(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ => Rune.IsWhiteSpace(rune) ? CharacterClass.Space : CharacterClass.Other,
    };
}

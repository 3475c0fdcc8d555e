using System.Globalization;
using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// The rule of Mistral's Tekken vocabularies (Nemo, Small): a word is cut where a capital follows a small letter, may take one sign before it, and
/// has no contractions; digits stand alone.
/// </summary>
internal sealed class TekkenSplitter : ISplitter
{
    /// <summary>The rule as tokenizer.json spells it.</summary>
    public const string Pattern = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        + @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>What a character can be in a word.</summary>
    private enum Case
    {
        None,
        Upper,
        Lower,

        /// <summary>Letters without case, and marks: they pass for either.</summary>
        Either,
    }

    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        var kind = CharacterClasses.At(text, start, out var length);
        if (kind == CharacterClass.Number)
        {
            return start + length;
        }

        // A mark is tried as the sign before a word first, and then as a word.
        var word = kind == CharacterClass.Letter || text[start] is '\r' or '\n' ? start : start + length;
        if (EndOfSmall(text, word) is var small && small > word)
        {
            return small;
        }

        if (word > start && CaseAt(text, start, out _) == Case.Either)
        {
            return word;
        }

        var capitals = EndOfCapitals(text, word, out _);
        return capitals > word ? capitals : Llama3Splitter.SignsOrSpaceEnd(text, start, "\r\n/");
    }

    /// <summary>Where a word of capitals and then at least one small letter ends; its beginning where there is none.</summary>
    private static int EndOfSmall(ReadOnlySpan<char> text, int start)
    {
        var at = EndOfCapitals(text, start, out var afterEither);
        if (at == text.Length || CaseAt(text, at, out _) != Case.Lower)
        {
            return afterEither; // the capitals give back what is behind the last character that passes for a small letter
        }

        while (at < text.Length && CaseAt(text, at, out var length) is Case.Lower or Case.Either)
        {
            at += length;
        }

        return at;
    }

    private static int EndOfCapitals(ReadOnlySpan<char> text, int start, out int afterEither)
    {
        afterEither = start;
        var at = start;
        while (at < text.Length && CaseAt(text, at, out var length) is (Case.Upper or Case.Either) and var found)
        {
            at += length;
            afterEither = found == Case.Either ? at : afterEither;
        }

        return at;
    }

    private static Case CaseAt(ReadOnlySpan<char> text, int at, out int length)
    {
        _ = Rune.DecodeFromUtf16(text[at..], out var rune, out length);
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => Case.Upper,
            UnicodeCategory.LowercaseLetter => Case.Lower,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => Case.Either,
            _ => Case.None,
        };
    }
}

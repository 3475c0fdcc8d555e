namespace ProxyReward.Models.Tokenization;

/// <summary>Hugging Face's <c>Digits(individual_digits)</c>: every numeric character is a piece of its own.</summary>
internal sealed class DigitSplitter : ISplitter
{
    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        if (IsDigit(text, start, out var length))
        {
            return start + length;
        }

        var at = start + length;
        while (at < text.Length && !IsDigit(text, at, out length))
        {
            at += length;
        }

        return at;
    }

    // Rust's char::is_numeric, of a newer Unicode than this runtime's: Tolong Siki digits and three Chinese counting signs.
    private static bool IsDigit(ReadOnlySpan<char> text, int at, out int length)
    {
        if (CharacterClasses.At(text, at, out length) == CharacterClass.Number)
        {
            return true;
        }

        return length == 2 && char.ConvertToUtf32(text[at], text[at + 1]) is (>= 0x11DE0 and <= 0x11DE9) or (>= 0x16FF4 and <= 0x16FF6);
    }
}

namespace ProxyReward.Verdicts;

/// <summary>
/// Walks the words of a text, so that evidence and response are compared alike: hyphens, quotation marks, full stops, slashes and Markdown
/// emphasis only part words ("object-oriented" is "object oriented"); "&amp;" is "and", "%" is "percent"; any other mark is a word of its
/// own, so that a phrase does not reach across a comma. A number is one word: "1,000" is "1000", "2.50" is "2.5", "1990s" and "20th" are
/// not 1990 and 20, and a year is not found inside "21991" or "1991.5". The sign of a number is not looked at.
/// </summary>
internal ref struct EvidenceWords(ReadOnlySpan<char> text)
{
    private const string Gaps = "-‐‑–'‘’\"“”`*_~./\\";
    private readonly ReadOnlySpan<char> text = text;
    private int position;

    public ReadOnlySpan<char> Current { get; private set; }

    public bool MoveNext()
    {
        while (position < text.Length && IsGap(text[position]))
        {
            position++;
        }

        if (position >= text.Length)
        {
            return false;
        }

        var start = position;
        if (char.IsAsciiDigit(text[start]))
        {
            Current = Number();
        }
        else if (IsWordPart(text[start]))
        {
            SkipWordParts();
            Current = text[start..position];
        }
        else
        {
            position++;
            Current = text[start] switch { '&' => "and", '%' => "percent", _ => text[start..position] };
        }

        return true;
    }

    private ReadOnlySpan<char> Number()
    {
        var start = position;
        SkipDigits();
        var grouped = position - start <= 3 && GroupFollows();
        while (grouped && GroupFollows())
        {
            position += 4;
        }

        var points = 0;
        var point = position;
        while (position + 1 < text.Length && text[position] == '.' && char.IsAsciiDigit(text[position + 1]))
        {
            points++;
            position++;
            SkipDigits();
        }

        var isPlain = position >= text.Length || !IsWordPart(text[position]);
        SkipWordParts();
        var number = text[start..position];
        if (points == 1 && isPlain)
        {
            // 2.50 is 2.5 and 5.0 is 5; a version such as 1.2.10 stays as it is.
            var fraction = text[(point + 1)..position].TrimEnd('0').Length;
            number = text[start..(fraction == 0 ? point : point + 1 + fraction)];
        }

        return grouped ? number.ToString().Replace(",", "", StringComparison.Ordinal) : number;
    }

    // A comma and exactly three digits.
    private readonly bool GroupFollows()
    {
        var rest = text[position..];
        return rest is [',', >= '0' and <= '9', >= '0' and <= '9', >= '0' and <= '9', ..] && (rest.Length == 4 || !char.IsAsciiDigit(rest[4]));
    }

    private void SkipDigits()
    {
        while (position < text.Length && char.IsAsciiDigit(text[position]))
        {
            position++;
        }
    }

    private void SkipWordParts()
    {
        while (position < text.Length && IsWordPart(text[position]))
        {
            position++;
        }
    }

    private static bool IsGap(char c) => char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c) || Gaps.Contains(c);

    private static bool IsWordPart(char c) =>
        char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark;
}

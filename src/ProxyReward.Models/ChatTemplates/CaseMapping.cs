using System.Text;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>Python's upper, lower, title and capitalize, which map one character to several where Unicode does (ß to SS).</summary>
internal static class CaseMapping
{
    // Unicode's SpecialCasing.txt, unconditional upper case: a character, then what it becomes.
    private const string LongUpper =
        "ßSS ŉʼN ǰJ\u030C ΐΙ\u0308\u0301 ΰΥ\u0308\u0301 ևԵՒ ẖH\u0331 ẗT\u0308 ẘW\u030A ẙY\u030A ẚAʾ ὐΥ\u0313 "
        + "ὒΥ\u0313\u0300 ὔΥ\u0313\u0301 ὖΥ\u0313\u0342 ᾀἈΙ ᾁἉΙ ᾂἊΙ ᾃἋΙ ᾄἌΙ ᾅἍΙ ᾆἎΙ ᾇἏΙ ᾈἈΙ ᾉἉΙ ᾊἊΙ ᾋἋΙ ᾌἌΙ ᾍἍΙ ᾎἎΙ ᾏἏΙ "
        + "ᾐἨΙ ᾑἩΙ ᾒἪΙ ᾓἫΙ ᾔἬΙ ᾕἭΙ ᾖἮΙ ᾗἯΙ ᾘἨΙ ᾙἩΙ ᾚἪΙ ᾛἫΙ ᾜἬΙ ᾝἭΙ ᾞἮΙ ᾟἯΙ ᾠὨΙ ᾡὩΙ ᾢὪΙ ᾣὫΙ ᾤὬΙ ᾥὭΙ ᾦὮΙ ᾧὯΙ ᾨὨΙ ᾩὩΙ ᾪὪΙ "
        + "ᾫὫΙ ᾬὬΙ ᾭὭΙ ᾮὮΙ ᾯὯΙ ᾲᾺΙ ᾳΑΙ ᾴΆΙ ᾶΑ\u0342 ᾷΑ\u0342Ι ᾼΑΙ ῂῊΙ ῃΗΙ ῄΉΙ ῆΗ\u0342 ῇΗ\u0342Ι ῌΗΙ ῒΙ\u0308\u0300 "
        + "\u1FD3Ι\u0308\u0301 ῖΙ\u0342 ῗΙ\u0308\u0342 ῢΥ\u0308\u0300 \u1FE3Υ\u0308\u0301 ῤΡ\u0313 ῦΥ\u0342 "
        + "ῧΥ\u0308\u0342 ῲῺΙ ῳΩΙ ῴΏΙ ῶΩ\u0342 ῷΩ\u0342Ι ῼΩΙ ﬀFF ﬁFI ﬂFL ﬃFFI ﬄFFL ﬅST ﬆST ﬓՄՆ ﬔՄԵ ﬕՄԻ ﬖՎՆ ﬗՄԽ";

    private static readonly Dictionary<char, string> SpecialUpper = LongUpper.Split(' ').ToDictionary(entry => entry[0], entry => entry[1..]);

    public static string Upper(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(rune.IsBmp && SpecialUpper.TryGetValue((char)rune.Value, out var several) ? several : Rune.ToUpperInvariant(rune).ToString());
        }

        return result.ToString();
    }

    public static string Lower(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            _ = text[i] switch
            {
                'İ' => result.Append("i\u0307"),
                'Σ' when IsCased(text, i - 1, -1) && !IsCased(text, i + 1, +1) => result.Append('ς'), // at the end of a word
                _ when char.IsSurrogatePair(text, i) => result.Append(Rune.ToLowerInvariant(Rune.GetRuneAt(text, i++)).ToString()),
                var symbol => result.Append(char.ToLowerInvariant(symbol)),
            };
        }

        return result.ToString();
    }

    /// <summary>The first character in title case, the others lower.</summary>
    public static string Capitalize(string text) => text.Length == 0 ? ""
        : TitleOf(Rune.GetRuneAt(text, 0)) + Lower(text[Rune.GetRuneAt(text, 0).Utf16SequenceLength..]);

    /// <summary>Every run of letters capitalized.</summary>
    public static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int i = 0, end; i < text.Length; i = end)
        {
            var inWord = char.IsLetter(text, i);
            for (end = i; end < text.Length && char.IsLetter(text, end) == inWord; end += char.IsSurrogatePair(text, end) ? 2 : 1)
            {
            }

            result.Append(inWord ? Capitalize(text[i..end]) : text[i..end]);
        }

        return result.ToString();
    }

    private static string TitleOf(Rune rune)
    {
        // The digraphs are the only letters whose title case is one character of its own.
        if (rune.Value is (>= 0x1C4 and <= 0x1CC) or (>= 0x1F1 and <= 0x1F3))
        {
            return ((char)(rune.Value < 0x1F1 ? 0x1C5 + ((rune.Value - 0x1C4) / 3 * 3) : 0x1F2)).ToString();
        }

        var upper = Upper(rune.ToString());
        return upper.Length > 1 && rune.IsBmp ? upper[..1] + Lower(upper[1..]) : upper;
    }

    private static bool IsCased(string text, int at, int step)
    {
        while (at >= 0 && at < text.Length && text[at] is '\'' or '\u2019' or '.' or '\u00AD')
        {
            at += step;
        }

        return at >= 0 && at < text.Length && (char.IsUpper(text[at]) || char.IsLower(text[at]));
    }
}

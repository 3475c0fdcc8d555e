using System.Text;

namespace ProxyReward.Verdicts;

/// <summary>
/// A text in which quotes are sought. Line breaks, runs of blanks and the form of quotation marks do not count: they are no part of what a
/// sentence says, and models rarely copy them. Immutable.
/// </summary>
public sealed class QuotableText
{
    private readonly string words;
    private readonly List<int> places;

    /// <summary>Prepares a text.</summary>
    public QuotableText(string text) => (words, places) = Plain(text);

    /// <summary>Where a quote stands first in the text as it was given, the end exclusive; null where it does not stand there, or says nothing: it has no letter and no digit.</summary>
    public (int Start, int End)? Find(string quote)
    {
        var sought = Plain(quote).Words;
        return sought.Any(char.IsLetterOrDigit) && words.IndexOf(sought, StringComparison.Ordinal) is var at and >= 0
            ? (places[at], places[at + sought.Length - 1] + 1)
            : null;
    }

    // The text with single blanks and none around it, and where each of its characters stood.
    private static (string Words, List<int> Places) Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        var origins = new List<int>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i] switch
            {
                '‘' or '’' or '‚' or '‛' or '`' or '´' => '\'',
                '“' or '”' or '„' or '‟' or '«' or '»' => '"',
                var c when char.IsWhiteSpace(c) => ' ',
                var c => c,
            };
            if (letter != ' ' || (plain.Length > 0 && plain[^1] != ' '))
            {
                plain.Append(letter);
                origins.Add(i);
            }
        }

        if (plain.Length > 0 && plain[^1] == ' ')
        {
            plain.Length--;
        }

        return (plain.ToString(), origins);
    }
}

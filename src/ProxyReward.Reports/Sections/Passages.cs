namespace ProxyReward.Reports.Sections;

/// <summary>A piece of an answer and the quotes that cover it.</summary>
/// <param name="Text">The piece.</param>
/// <param name="Quotes">Numbers of the quotes that it is part of, ascending; empty for text that nobody quoted.</param>
/// <param name="Ending">Those that end with it.</param>
internal sealed record Passage(string Text, IReadOnlyList<int> Quotes, IReadOnlyList<int> Ending);

/// <summary>Finds quotes in a text. White space counts as one blank, as it does when a quote is checked.</summary>
internal static class Passages
{
    /// <summary>Cuts a text where quotes begin and end; the pieces together are the text.</summary>
    /// <param name="text">The answer.</param>
    /// <param name="quotes">Number and words of each quote; one that is not in the text is left out.</param>
    public static IReadOnlyList<Passage> Of(string text, IEnumerable<(int Number, string Quote)> quotes)
    {
        var (words, places) = Normalise(text);
        var found = new List<(int Number, int Start, int End)>();
        foreach (var (number, quote) in quotes)
        {
            var sought = Normalise(quote).Words;
            if (sought.Length > 0 && words.IndexOf(sought, StringComparison.Ordinal) is var at && at >= 0)
            {
                found.Add((number, places[at], places[at + sought.Length - 1] + 1));
            }
        }

        var cuts = found.SelectMany(f => new[] { f.Start, f.End }).Append(0).Append(text.Length).Distinct().Order().ToList();
        return
        [
            .. cuts.Zip(cuts.Skip(1), (start, end) => new Passage(
                text[start..end],
                [.. found.Where(f => f.Start <= start && end <= f.End).Select(f => f.Number).Order()],
                [.. found.Where(f => f.End == end).Select(f => f.Number).Order()])),
        ];
    }

    // The text with single blanks and none around it, and where each of its characters stood.
    private static (string Words, List<int> Places) Normalise(string text)
    {
        var words = new System.Text.StringBuilder(text.Length);
        var places = new List<int>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var blank = char.IsWhiteSpace(text[i]);
            if (!blank || (words.Length > 0 && words[^1] != ' '))
            {
                words.Append(blank ? ' ' : text[i]);
                places.Add(i);
            }
        }

        if (words.Length > 0 && words[^1] == ' ')
        {
            words.Length--;
        }

        return (words.ToString(), places);
    }
}

using ProxyReward.Verdicts;

namespace ProxyReward.Reports.Sections;

/// <summary>A piece of an answer and the quotes that cover it.</summary>
/// <param name="Text">The piece.</param>
/// <param name="Quotes">Numbers of the quotes that it is part of, ascending; empty for text that nobody quoted.</param>
/// <param name="Ending">Those that end with it.</param>
internal sealed record Passage(string Text, IReadOnlyList<int> Quotes, IReadOnlyList<int> Ending);

/// <summary>Finds quotes in a text, by the rule by which they were checked.</summary>
internal static class Passages
{
    /// <summary>Cuts a text where quotes begin and end; the pieces together are the text.</summary>
    /// <param name="text">The answer.</param>
    /// <param name="quotes">Number and words of each quote; one that is not in the text is left out.</param>
    public static IReadOnlyList<Passage> Of(string text, IEnumerable<(int Number, string Quote)> quotes)
    {
        var quotable = new QuotableText(text);
        var found = new List<(int Number, int Start, int End)>();
        foreach (var (number, quote) in quotes)
        {
            if (quotable.Find(quote) is (var start, var end))
            {
                found.Add((number, start, end));
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
}

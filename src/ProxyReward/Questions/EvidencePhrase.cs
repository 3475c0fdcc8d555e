namespace ProxyReward.Questions;

/// <summary>
/// One string of an <see cref="Evidence"/>: words in a row, and groups that stand for one of several word sequences: <c>{invented|was the
/// father of} the {|modern} telephone</c>. A group with an empty option may be left out. Groups do not nest.
/// </summary>
/// <param name="Parts">In order; each lists its options, texts of any number of words. Plain words are a part of one option.</param>
public sealed record EvidencePhrase(IReadOnlyList<IReadOnlyList<string>> Parts)
{
    private static readonly System.Buffers.SearchValues<char> Marks = System.Buffers.SearchValues.Create("{|}");

    /// <summary>One wording of it: the first option of each group that is not empty.</summary>
    public string Wording => string.Join(' ', Parts.Select(options => options.FirstOrDefault(option => option.Length > 0)).OfType<string>());

    /// <summary>Reads a string of an alternative.</summary>
    /// <exception cref="FormatException">A brace or bar is out of place. The message says which, and the mend.</exception>
    public static EvidencePhrase Parse(string text)
    {
        var parts = new List<IReadOnlyList<string>>();
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var open = rest.IndexOfAny(Marks);
            if (open < 0)
            {
                parts.Add([rest.Trim().ToString()]);
                break;
            }

            var close = rest[open] == '{' ? rest[(open + 1)..].IndexOfAny('{', '}') : -1;
            if (close < 0 || rest[open + 1 + close] != '}')
            {
                throw new FormatException($"the evidence \"{text}\" has a '{rest[open]}' out of place; groups are written {{one|another}} and do not nest.");
            }

            parts.Add([rest[..open].Trim().ToString()]);
            parts.Add([.. rest.Slice(open + 1, close).ToString().Split('|', StringSplitOptions.TrimEntries)]);
            rest = rest[(open + close + 2)..];
        }

        return new([.. parts.Where(options => options is not [""])]);
    }
}

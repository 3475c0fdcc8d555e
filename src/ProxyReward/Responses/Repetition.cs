namespace ProxyReward.Responses;

/// <summary>The share of a text's 4-grams of words that occurred before in it.</summary>
public static class Repetition
{
    private const int Order = 4;

    /// <summary>0–1; 0 for a text of fewer than four words. A word is a run of letters and digits, whatever the case.</summary>
    public static double Of(string text)
    {
        var words = Words(text);
        var grams = words.Count - Order + 1;
        if (grams <= 0)
        {
            return 0;
        }

        var seen = new HashSet<(int, int, int, int)>(grams);
        for (var i = 0; i < grams; i++)
        {
            seen.Add((words[i], words[i + 1], words[i + 2], words[i + 3]));
        }

        return (double)(grams - seen.Count) / grams;
    }

    // Words as numbers: a 4-gram is then a small value instead of a string.
    private static List<int> Words(string text)
    {
        var numbers = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var words = new List<int>();
        for (var i = 0; i < text.Length; i++)
        {
            var start = i;
            while (i < text.Length && char.IsLetterOrDigit(text[i]))
            {
                i++;
            }

            if (i > start)
            {
                var word = text[start..i];
                numbers.TryAdd(word, numbers.Count);
                words.Add(numbers[word]);
            }
        }

        return words;
    }
}

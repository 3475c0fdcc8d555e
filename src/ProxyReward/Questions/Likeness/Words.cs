using System.Text;

namespace ProxyReward.Questions.Likeness;

/// <summary>
/// The words of a text as likeness counts them: lower-case runs of letters and digits. An apostrophe stays inside a word and a point
/// inside a number; a comma inside a number goes ("1,000" is "1000"). In scripts without spaces every character is a word.
/// </summary>
public static class Words
{
    private static readonly HashSet<string> Function =
    [
        "a", "about", "an", "and", "are", "as", "at", "be", "been", "but", "by", "did", "do", "does", "for", "from", "had", "has", "have", "in",
        "into", "is", "it", "its", "of", "on", "or", "than", "that", "the", "their", "them", "these", "they", "this", "those", "to", "was",
        "were", "which", "while", "who", "whose", "will", "with", "would",
    ];

    /// <summary>Every word, in order.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var runes = text.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            var rune = runes[i];
            if (Rune.IsLetterOrDigit(rune) && !StandsAlone(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune));
                continue;
            }

            var next = i + 1 < runes.Length ? runes[i + 1] : default;
            var last = word.Length > 0 ? word[^1] : ' ';
            if (rune.Value is '\'' or '’' && char.IsLetter(last) && Rune.IsLetter(next))
            {
                word.Append('\'');
            }
            else if (rune.Value is '.' or ',' && char.IsDigit(last) && Rune.IsDigit(next))
            {
                word.Append(rune.Value == '.' ? "." : "");
            }
            else
            {
                Finish();
                if (StandsAlone(rune))
                {
                    words.Add(rune.ToString());
                }
            }
        }

        Finish();
        return words;

        void Finish()
        {
            if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
    }

    /// <summary>Whether a word only holds a sentence together (English).</summary>
    public static bool IsFunction(string word) => Function.Contains(word);

    // Han, kana, Hangul syllables are left to their spaces, Thai and Lao have none.
    private static bool StandsAlone(Rune rune) => rune.Value is (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF)
        or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) or (>= 0x0E00 and <= 0x0EFF);
}

using System.Text;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Policies;

/// <summary>
/// Private-use characters in place of the first characters of special tokens, wherever some texts spell those; none where they spell none. Each
/// stands for one character, and for the same one everywhere.
/// </summary>
internal sealed class StandIns
{
    // Counted downwards: below the characters that fonts have their logos at.
    private const char First = '\uF8EF';
    private const char Last = '\uE000';

    private readonly IReadOnlyList<string> hidden;
    private readonly Dictionary<Rune, char> standInOf = [];

    private StandIns(IReadOnlyList<string> hidden) => this.hidden = hidden;

    /// <summary>Stand-ins that are in none of the texts.</summary>
    public static StandIns For(Tokenizer tokenizer, IReadOnlyList<string> texts)
    {
        var found = new StandIns([.. tokenizer.AddedTokens.Where(token => token.Special).Select(token => token.Content)
            .Where(token => texts.Any(text => text.Contains(token, StringComparison.Ordinal)))]);
        var free = Enumerable.Range(0, First - Last + 1).Select(i => (char)(First - i)).Where(character => !texts.Any(text => text.Contains(character)));
        foreach (var (rune, standIn) in found.hidden.Select(token => Rune.GetRuneAt(token, 0)).Distinct().Zip(free))
        {
            found.standInOf.Add(rune, standIn);
        }

        return found;
    }

    /// <summary>The text with the stand-ins.</summary>
    public string Hide(string text)
    {
        var places = new SortedSet<int>(hidden.SelectMany(token => Places(text, token)));
        if (places.Count == 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        var from = 0;
        foreach (var place in places)
        {
            var rune = Rune.GetRuneAt(text, place);
            result.Append(text, from, place - from).Append(standInOf[rune]);
            from = place + rune.Utf16SequenceLength;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>The text, or a part of it, as it was.</summary>
    public string Reveal(string text) => standInOf.Aggregate(text, (shown, pair) => shown.Replace(pair.Value.ToString(), pair.Key.ToString(), StringComparison.Ordinal));

    private static IEnumerable<int> Places(string text, string token)
    {
        for (var at = text.IndexOf(token, StringComparison.Ordinal); at >= 0; at = text.IndexOf(token, at + 1, StringComparison.Ordinal))
        {
            yield return at;
        }
    }
}

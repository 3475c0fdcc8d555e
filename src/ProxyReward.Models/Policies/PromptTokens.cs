using System.Globalization;
using System.Text.RegularExpressions;
using ProxyReward.Models.ChatTemplates;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Policies;

/// <summary>
/// Tokenizes a rendered chat so that what a user or a policy wrote never becomes a special token: the template is rendered around placeholders,
/// what it writes is encoded with special tokens, what stands in their places as plain text. A content that the template leaves out stays out.
/// </summary>
internal static partial class PromptTokens
{
    public static IReadOnlyList<int> Of(Tokenizer tokenizer, Func<IReadOnlyList<ChatTurn>, string> render, IReadOnlyList<ChatTurn> turns)
    {
        if (!turns.Any(turn => HasSpecialToken(tokenizer, turn.Content)))
        {
            // The ordinary case: nothing in the texts could be taken for a special token, so the whole is encoded as the references do.
            return tokenizer.Encode(render(turns));
        }

        var tokens = new List<int>();
        var rendered = render([.. turns.Select((turn, i) => turn with { Content = Placeholder(i) })]);
        var from = 0;
        foreach (Match match in Placeholders().Matches(rendered))
        {
            var turn = turns[int.Parse(match.Groups["turn"].ValueSpan, CultureInfo.InvariantCulture)];
            tokens.AddRange(tokenizer.Encode(rendered[from..match.Index]));
            tokens.AddRange(tokenizer.Encode(turn.Content, specialTokensAsText: true));
            from = match.Index + match.Length;
        }

        tokens.AddRange(tokenizer.Encode(rendered[from..]));
        return tokens;
    }

    // Private-use characters, in no template and no text that a tokenizer treats specially.
    private static string Placeholder(int turn) => string.Create(CultureInfo.InvariantCulture, $"\uF8F0\uF8F1{turn}\uF8F2");

    [GeneratedRegex("\uF8F0\uF8F1(?<turn>[0-9]{1,9})\uF8F2")]
    private static partial Regex Placeholders();

    private static bool HasSpecialToken(Tokenizer tokenizer, string text) =>
        tokenizer.AddedTokens.Any(token => text.Contains(token.Content, StringComparison.Ordinal));
}

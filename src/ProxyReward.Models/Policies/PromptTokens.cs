using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Policies;

/// <summary>
/// Tokenizes a rendered chat so that what a user or a policy wrote never becomes a special token: the template is rendered around a placeholder,
/// what it writes is encoded with special tokens, what stands in between as plain text.
/// </summary>
internal static class PromptTokens
{
    // Private-use characters, in no template and no text that a tokenizer treats specially.
    private const string Placeholder = "\uF8F0\uF8F1\uF8F2";

    public static IReadOnlyList<int> Of(Tokenizer tokenizer, Func<string, string> render, string user)
    {
        var parts = render(Placeholder).Split(Placeholder);
        if (parts.Length != 2 || !HasSpecialToken(tokenizer, user))
        {
            // The ordinary case: nothing in the text could be taken for a special token, so the whole is encoded as the references do.
            return tokenizer.Encode(render(user));
        }

        return [.. tokenizer.Encode(parts[0]), .. tokenizer.Encode(user, specialTokensAsText: true), .. tokenizer.Encode(parts[1])];
    }

    private static bool HasSpecialToken(Tokenizer tokenizer, string text) =>
        tokenizer.AddedTokens.Any(token => text.Contains(token.Content, StringComparison.Ordinal));
}

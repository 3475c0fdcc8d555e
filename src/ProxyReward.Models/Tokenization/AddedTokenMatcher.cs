using System.Buffers;
using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>Finds added tokens in a text: the leftmost, and of those the longest. Thread-safe.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly CharacterTrie trie = new();
    private readonly Dictionary<int, AddedToken> ends = [];
    private readonly SearchValues<char> firsts;

    /// <param name="tokens">The tokens with the text that each is found by (its content, normalised where that is asked).</param>
    public AddedTokenMatcher(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        foreach (var (text, token) in tokens)
        {
            ends[trie.Add(text)] = token;
        }

        firsts = SearchValues.Create(trie.Firsts);
    }

    /// <summary>
    /// The next token at or after <paramref name="from"/>, with the white space it swallows (never what lies before
    /// <paramref name="from"/>).
    /// </summary>
    /// <returns>Null where none follows.</returns>
    public AddedToken? Next(ReadOnlySpan<char> text, int from, bool specialTokensAsText, out int start, out int end)
    {
        for (start = from; ; start = end)
        {
            var token = Find(text, ref start, out end);
            if (token is null)
            {
                return null;
            }

            if ((specialTokensAsText && token.Special) || (token.SingleWord && !StandsAlone(text, start, end)))
            {
                continue; // as in the reference, what it covers is not searched again
            }

            while (token.LStrip && start > from && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            while (token.RStrip && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            return token;
        }
    }

    private AddedToken? Find(ReadOnlySpan<char> text, ref int start, out int end)
    {
        end = text.Length;
        while (true)
        {
            var skipped = text[start..].IndexOfAny(firsts);
            if (skipped < 0)
            {
                return null;
            }

            start += skipped;
            AddedToken? longest = null;
            for (int node = 0, at = start; at < text.Length && trie.Follow(ref node, text[at]); at++)
            {
                if (ends.TryGetValue(node, out var token))
                {
                    (longest, end) = (token, at + 1);
                }
            }

            if (longest is not null)
            {
                return longest;
            }

            start++;
        }
    }

    private static bool StandsAlone(ReadOnlySpan<char> text, int start, int end)
    {
        _ = Rune.DecodeLastFromUtf16(text[..start], out var before, out var lengthBefore);
        _ = Rune.DecodeFromUtf16(text[end..], out var after, out var lengthAfter);
        return (lengthBefore == 0 || !CharacterClasses.IsWord(before)) && (lengthAfter == 0 || !CharacterClasses.IsWord(after));
    }
}

using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// SentencePiece's Unigram model (arXiv 1804.10959): of all ways to cut a piece of text into vocabulary entries the one whose scores add up
/// to the most. A character that no entry begins with is unknown; unknown neighbours become one token, as in Hugging Face's
/// <c>tokenizers</c>. Time is linear in the text. Thread-safe.
/// </summary>
internal sealed class UnigramEncoder : IPieceEncoder
{
    /// <summary>Entries longer than this are no words: a walk is as long as the longest entry.</summary>
    public const int LongestEntry = 1024;

    /// <summary>How far an unknown character's score lies below the worst entry's (SentencePiece's constant).</summary>
    private const double UnknownPenalty = 10;

    private readonly CharacterTrie trie = new();
    private readonly int[] idOfNode;
    private readonly double[] scores;
    private readonly int unknown;
    private readonly double unknownScore;

    /// <param name="entries">The vocabulary by id, with log-probabilities.</param>
    /// <param name="unknown">The id of what is unknown.</param>
    /// <param name="special">
    /// Special tokens: they have entries with the best of scores, and text that spells one, or becomes one by normalisation
    /// (［CLS］), must not turn into it.
    /// </param>
    public UnigramEncoder(IReadOnlyList<(string Text, double Score)> entries, int unknown, IReadOnlySet<int> special)
    {
        this.unknown = unknown;
        scores = [.. entries.Select(entry => entry.Score)];
        unknownScore = scores.Min() - UnknownPenalty;
        var ends = new Dictionary<int, int>();
        for (var id = 0; id < entries.Count; id++)
        {
            if (!special.Contains(id))
            {
                ends[trie.Add(entries[id].Text)] = id;
            }
        }

        idOfNode = [.. Enumerable.Range(0, trie.Count).Select(node => ends.GetValueOrDefault(node, -1))];
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> output)
    {
        var best = new Cut[piece.Length + 1];
        Array.Fill(best, new Cut(double.NegativeInfinity, 0, 0), 1, piece.Length);
        for (int start = 0, width; start < piece.Length; start += width)
        {
            _ = Rune.DecodeFromUtf16(piece[start..], out _, out width);
            var known = false;
            for (int node = 0, end = start + 1; end <= piece.Length && trie.Follow(ref node, piece[end - 1]); end++)
            {
                if (idOfNode[node] is >= 0 and var id)
                {
                    Offer(best, start, end, id, scores[id]);
                    known |= end == start + width;
                }
            }

            if (!known)
            {
                Offer(best, start, start + width, unknown, unknownScore);
            }
        }

        var first = output.Count;
        for (var end = piece.Length; end > 0; end = best[end].Start)
        {
            if (best[end].Id != unknown || output.Count == first || output[^1] != unknown)
            {
                output.Add(best[end].Id);
            }
        }

        output.Reverse(first, output.Count - first);
    }

    /// <summary>Of equal sums the one that was there first stays: the longer last entry.</summary>
    private static void Offer(Cut[] best, int start, int end, int id, double score)
    {
        if (best[start].Score + score is var sum && sum > best[end].Score)
        {
            best[end] = new Cut(sum, start, id);
        }
    }

    /// <summary>The best way to cut the text up to a place: its score, where its last entry begins, and that entry.</summary>
    private readonly record struct Cut(double Score, int Start, int Id);
}

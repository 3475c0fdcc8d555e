using System.Runtime.InteropServices;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// Learns a byte-level BPE vocabulary: special tokens, the 256 bytes, then merges, each of the neighbours that occur most often.
/// Deterministic: of equally frequent pairs the one with the smaller left id goes first, then with the smaller right id, which is
/// Hugging Face's rule too; the order of the documents does not matter.
/// </summary>
public sealed class BpeTrainer
{
    private readonly List<string> tokens;
    private readonly Dictionary<string, int> ids;
    private readonly List<(int Left, int Right)> merges = [];
    private readonly HashSet<(int Left, int Right)> merged = [];

    // Every distinct word once, as the ids it consists of at this moment, with the number of its occurrences.
    private readonly List<(List<int> Ids, long Count)> words = [];
    private readonly Dictionary<(int Left, int Right), long> counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> places = [];

    // Pairs whose count changed since they were last queued. Entries of the queue are compared with the true count when they come up.
    private readonly HashSet<(int Left, int Right)> changed = [];
    private readonly PriorityQueue<(int Left, int Right), (long Negated, int Left, int Right)> queue = new();

    private BpeTrainer(IReadOnlyList<string> specialTokens)
    {
        var bytes = Enumerable.Range(0, 256).Select(value => ByteAlphabet.Symbol((byte)value)).Order();
        tokens = [.. specialTokens, .. bytes.Select(symbol => symbol.ToString())];
        ids = tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id);
    }

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="documents">The texts to learn from, split by GPT-2's rule; special tokens in them are cut out and not learnt from.</param>
    /// <param name="specialTokens">They take the first ids in this order, for example <c>&lt;|endoftext|&gt;</c>.</param>
    /// <param name="vocabSize">Tokens wanted in all; fewer come out where no pair occurs twice any more.</param>
    /// <exception cref="RequestException">The vocabulary cannot hold the special tokens and the bytes, or a special token is empty or repeated.</exception>
    public static BpeVocabulary Train(IEnumerable<string> documents, IReadOnlyList<string> specialTokens, int vocabSize)
    {
        if (vocabSize < specialTokens.Count + 256)
        {
            throw new RequestException(
                $"A byte-level vocabulary of {vocabSize} cannot hold 256 bytes and {specialTokens.Count} special tokens: ask for {specialTokens.Count + 256} or more.");
        }

        if (specialTokens.FirstOrDefault(token => token.Length < 2 || specialTokens.Count(other => other == token) > 1) is { } wrong)
        {
            throw new RequestException($"The special token '{wrong}' is given twice or shorter than two characters: give each once.");
        }

        var trainer = new BpeTrainer(specialTokens);
        trainer.Count(documents, specialTokens);
        while (trainer.tokens.Count < vocabSize && trainer.MergeNext())
        {
        }

        return new BpeVocabulary(
            [.. specialTokens], trainer.tokens, [.. trainer.merges.Select(merge => (trainer.tokens[merge.Left], trainer.tokens[merge.Right]))]);
    }

    private void Count(IEnumerable<string> documents, IReadOnlyList<string> specialTokens)
    {
        var occurrences = new Dictionary<string, long>();
        var lookup = occurrences.GetAlternateLookup<ReadOnlySpan<char>>();
        var splitter = new Gpt2Splitter();
        var matcher = new AddedTokenMatcher(specialTokens.Select((token, id) => (token, new AddedToken(id, token))));
        foreach (var document in documents)
        {
            for (var from = 0; from < document.Length;)
            {
                var end = document.Length;
                if (matcher.Next(document, from, specialTokensAsText: false, out var start, out var after) is null)
                {
                    start = after = end;
                }

                for (var text = document.AsSpan(from, start - from); !text.IsEmpty;)
                {
                    var piece = splitter.PieceEnd(text, 0);
                    CollectionsMarshal.GetValueRefOrAddDefault(lookup, text[..piece], out _)++;
                    text = text[piece..];
                }

                from = after;
            }
        }

        foreach (var (word, count) in occurrences)
        {
            words.Add(([.. System.Text.Encoding.UTF8.GetBytes(word).Select(value => ids[ByteAlphabet.Symbol(value).ToString()])], count));
            CountPairs(words.Count - 1, +1);
        }

        QueueChanged();
    }

    private bool MergeNext()
    {
        while (queue.TryDequeue(out var pair, out var priority))
        {
            var count = counts.GetValueOrDefault(pair);
            if (count != -priority.Negated)
            {
                continue; // a newer entry holds the present count
            }

            if (count < 2)
            {
                return false;
            }

            Merge(pair);
            return true;
        }

        return false;
    }

    private void Merge((int Left, int Right) pair)
    {
        var joined = tokens[pair.Left] + tokens[pair.Right];
        if (!ids.TryGetValue(joined, out var id)) // two merges may lead to one token
        {
            id = tokens.Count;
            tokens.Add(joined);
            ids.Add(joined, id);
        }

        if (merged.Add(pair))
        {
            merges.Add(pair);
        }

        foreach (var word in places[pair].ToArray())
        {
            CountPairs(word, -1);
            Join(words[word].Ids, pair, id);
            CountPairs(word, +1);
        }

        QueueChanged();
    }

    private static void Join(List<int> word, (int Left, int Right) pair, int id)
    {
        var kept = 0;
        for (var i = 0; i < word.Count; i++)
        {
            var isPair = i + 1 < word.Count && (word[i], word[i + 1]) == pair;
            word[kept++] = isPair ? id : word[i];
            i += isPair ? 1 : 0;
        }

        word.RemoveRange(kept, word.Count - kept);
    }

    private void CountPairs(int word, int sign)
    {
        var (symbols, count) = words[word];
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            var pair = (symbols[i], symbols[i + 1]);
            CollectionsMarshal.GetValueRefOrAddDefault(counts, pair, out _) += sign * count;
            changed.Add(pair);
            ref var set = ref CollectionsMarshal.GetValueRefOrAddDefault(places, pair, out _);
            set ??= [];
            if (sign > 0)
            {
                set.Add(word);
            }
            else
            {
                set.Remove(word);
            }
        }
    }

    private void QueueChanged()
    {
        foreach (var pair in changed)
        {
            queue.Enqueue(pair, (-counts[pair], pair.Left, pair.Right));
        }

        changed.Clear();
    }
}

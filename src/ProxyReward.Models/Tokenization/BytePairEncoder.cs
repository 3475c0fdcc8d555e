using System.Collections.Concurrent;
using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// Turns one piece of text into token ids: bytes, then the merge of lowest rank, leftmost on ties, until none applies.
/// Time is n log n in the length of the piece. Thread-safe.
/// </summary>
internal sealed class BytePairEncoder : IPieceEncoder
{
    private const int Dropped = -1;
    private const int MostCached = 100_000;
    private const int LongestCached = 48;

    [ThreadStatic]
    private static Merging? merging;

    private readonly int[] idOfByte = new int[256];
    private readonly MergeTable merges;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? wholePieces;
    private readonly ConcurrentDictionary<string, int[]> cache = [];
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> cached;
    private int cacheCount;

    /// <param name="idOfToken">The vocabulary, in the byte alphabet.</param>
    /// <param name="merges">Which neighbours become one token, and in which order.</param>
    /// <param name="ignoreMerges">A piece that is itself in the vocabulary is that one token, wherever the merges lead.</param>
    /// <param name="unknown">What stands for a byte that the vocabulary lacks; null drops it, as Hugging Face and llama.cpp do.</param>
    public BytePairEncoder(
        Dictionary<string, int> idOfToken,
        MergeTable merges,
        bool ignoreMerges,
        int? unknown)
    {
        this.merges = merges;
        var lookup = idOfToken.GetAlternateLookup<ReadOnlySpan<char>>();
        wholePieces = ignoreMerges ? lookup : null;
        cached = cache.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var value = 0; value < 256; value++)
        {
            idOfByte[value] = lookup.TryGetValue([ByteAlphabet.Symbol((byte)value)], out var id) ? id : unknown ?? Dropped;
        }
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> output)
    {
        if (piece.Length > LongestCached)
        {
            output.AddRange(Encode(piece));
            return;
        }

        if (!cached.TryGetValue(piece, out var ids))
        {
            ids = [.. Encode(piece)];
            if (cacheCount < MostCached && cached.TryAdd(piece, ids))
            {
                Interlocked.Increment(ref cacheCount);
            }
        }

        output.AddRange(ids);
    }

    private ReadOnlySpan<int> Encode(ReadOnlySpan<char> piece)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(piece)];
        Encoding.UTF8.GetBytes(piece, bytes);
        if (wholePieces is { } whole)
        {
            var symbols = new char[bytes.Length];
            for (var i = 0; i < bytes.Length; i++)
            {
                symbols[i] = ByteAlphabet.Symbol(bytes[i]);
            }

            if (whole.TryGetValue(symbols, out var id))
            {
                return new[] { id };
            }
        }

        var ids = new int[bytes.Length];
        var count = 0;
        foreach (var value in bytes)
        {
            ids[count] = idOfByte[value];
            count += ids[count] == Dropped ? 0 : 1;
        }

        return (merging ??= new Merging()).Run(ids.AsSpan(0, count), merges);
    }

    /// <summary>The room that merging needs, kept per thread: most pieces are a few bytes long.</summary>
    private sealed class Merging
    {
        // A doubly linked list over the positions, and a queue of pairs by rank and then by position of the left one.
        private readonly PriorityQueue<int, long> queue = new();
        private int[] next = [];
        private int[] previous = [];

        /// <summary>Merges in place; what is returned is the front of <paramref name="ids"/>.</summary>
        public ReadOnlySpan<int> Run(Span<int> ids, MergeTable merges)
        {
            if (next.Length < ids.Length)
            {
                (next, previous) = (new int[ids.Length], new int[ids.Length]);
            }

            for (var i = 0; i < ids.Length; i++)
            {
                (previous[i], next[i]) = (i - 1, i + 1);
                Offer(ids, i, merges);
            }

            while (queue.TryDequeue(out var left, out var priority))
            {
                var right = next[left];
                if (ids[left] == Dropped || right >= ids.Length
                    || !merges.TryGet(ids[left], ids[right], out var merge) || merge.Rank != (int)(priority >> 32))
                {
                    continue; // an earlier merge took the pair apart
                }

                ids[left] = merge.Id;
                ids[right] = Dropped;
                next[left] = next[right];
                if (next[left] < ids.Length)
                {
                    previous[next[left]] = left;
                }

                Offer(ids, left, merges);
                if (previous[left] >= 0)
                {
                    Offer(ids, previous[left], merges);
                }
            }

            var kept = 0;
            foreach (var id in ids)
            {
                ids[kept] = id;
                kept += id == Dropped ? 0 : 1;
            }

            return ids[..kept];
        }

        private void Offer(ReadOnlySpan<int> ids, int left, MergeTable merges)
        {
            if (next[left] < ids.Length && merges.TryGet(ids[left], ids[next[left]], out var merge))
            {
                queue.Enqueue(left, ((long)merge.Rank << 32) | (uint)left);
            }
        }
    }
}

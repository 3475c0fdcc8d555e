using System.Collections.Concurrent;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// Turns one piece of text into token ids: bytes or characters, then the merge of lowest rank, leftmost on ties, until none applies.
/// Time is n log n in the length of the piece. Thread-safe.
/// </summary>
internal sealed class BytePairEncoder : IPieceEncoder
{
    private const int Merged = -1;
    private const int MostCached = 100_000;
    private const int LongestCached = 48;

    [ThreadStatic]
    private static Merging? merging;

    private readonly IBaseTokens baseTokens;
    private readonly MergeTable merges;
    private readonly Dictionary<string, int>? wholePieces;
    private readonly ConcurrentDictionary<string, int[]> cache = [];
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> cached;
    private int cacheCount;

    /// <param name="baseTokens">What a piece consists of before it is merged.</param>
    /// <param name="merges">Which neighbours become one token, and in which order.</param>
    /// <param name="wholePieces">The vocabulary, where a piece that is in it is that one token wherever the merges lead (<c>ignore_merges</c>); null elsewhere.</param>
    public BytePairEncoder(IBaseTokens baseTokens, MergeTable merges, Dictionary<string, int>? wholePieces)
    {
        (this.baseTokens, this.merges, this.wholePieces) = (baseTokens, merges, wholePieces);
        cached = cache.GetAlternateLookup<ReadOnlySpan<char>>();
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

    private ReadOnlySpan<int> Encode(ReadOnlySpan<char> piece) => wholePieces is not null && wholePieces.TryGetValue(baseTokens.Whole(piece), out var id)
        ? new[] { id }
        : (merging ??= new Merging()).Run(baseTokens.Of(piece), merges);

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
                if (ids[left] == Merged || right >= ids.Length
                    || !merges.TryGet(ids[left], ids[right], out var merge) || merge.Rank != (int)(priority >> 32))
                {
                    continue; // an earlier merge took the pair apart
                }

                ids[left] = merge.Id;
                ids[right] = Merged;
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
                kept += id == Merged ? 0 : 1;
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

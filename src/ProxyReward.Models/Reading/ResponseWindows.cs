using ProxyReward.Models.Tokenization;
using ProxyReward.Responses;

namespace ProxyReward.Models.Reading;

/// <summary>
/// A response in overlapping windows of whole sentences, for readers that see only so many tokens at once. A window takes as many sentences as fit;
/// the next one begins with the last sentences of it, as many as take at most a quarter of the room, but at least one. A sentence
/// that does not fit by itself is cut at white space. Every part of the response is in a window. Special tokens in it are read as text. Not
/// thread-safe.
/// </summary>
/// <param name="text">The response.</param>
/// <param name="tokenizer">The reader's.</param>
internal sealed class ResponseWindows(string text, Tokenizer tokenizer)
{
    private const int OverlapShare = 4;

    private readonly Range[] sentences = [.. Sentences.Of(text)];
    private readonly Dictionary<int, IReadOnlyList<ResponseWindow>> byRoom = [];

    /// <summary>The windows in order; none of a response without a sentence.</summary>
    /// <param name="room">Tokens that a window may have.</param>
    public IReadOnlyList<ResponseWindow> Of(int room)
    {
        if (!byRoom.TryGetValue(room, out var windows))
        {
            byRoom[room] = windows = [.. Cut(room)];
        }

        return windows;
    }

    private IEnumerable<ResponseWindow> Cut(int room)
    {
        List<Range> parts = [.. sentences.SelectMany(sentence => Fitting(sentence, room))];

        // With what stands between a part and the next. Tokens of a whole need not be those of its parts, so this is only where to begin.
        var counts = parts.Select((part, i) => Tokens(part.Start.Value, i + 1 < parts.Count ? parts[i + 1].Start.Value : text.Length).Count).ToArray();
        for (var first = 0; first < parts.Count;)
        {
            var (last, sum) = (first, counts[first]);
            while (last + 1 < parts.Count && sum + counts[last + 1] <= room)
            {
                sum += counts[++last];
            }

            var tokens = Tokens(parts[first].Start.Value, parts[last].End.Value);
            while (tokens.Count > room && last > first)
            {
                tokens = Tokens(parts[first].Start.Value, parts[--last].End.Value);
            }

            yield return new ResponseWindow(parts[first].Start..parts[last].End, tokens);
            first = last + 1 == parts.Count ? parts.Count : Math.Max(first + 1, OverlapStart(counts, last, room / OverlapShare));
        }
    }

    /// <summary>The first of the parts up to <paramref name="last"/> that the next window repeats.</summary>
    private static int OverlapStart(int[] counts, int last, int most)
    {
        var (start, sum) = (last, counts[last]);
        while (start > 0 && sum + counts[start - 1] <= most)
        {
            sum += counts[--start];
        }

        return start;
    }

    private IEnumerable<Range> Fitting(Range sentence, int room)
    {
        var (start, end) = (sentence.Start.Value, sentence.End.Value);
        if (end - start <= 1 || Tokens(start, end).Count <= room)
        {
            return [sentence];
        }

        var middle = start + ((end - start) / 2);
        var space = text.AsSpan(start, middle - start).LastIndexOfAny(' ', '\t', '\n');
        var cut = space > 0 ? start + space : char.IsLowSurrogate(text[middle]) ? middle + 1 : middle;
        return cut >= end ? [sentence] : Fitting(start..cut, room).Concat(Fitting((space > 0 ? cut + 1 : cut)..end, room));
    }

    private List<int> Tokens(int start, int end) => tokenizer.Encode(text[start..end], specialTokensAsText: true);
}

/// <summary>A part of a response that is read at once.</summary>
/// <param name="Range">Where it stands in the response.</param>
/// <param name="Tokens">Its tokens.</param>
internal sealed record ResponseWindow(Range Range, IReadOnlyList<int> Tokens);

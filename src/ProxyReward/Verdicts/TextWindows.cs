using ProxyReward.Responses;

namespace ProxyReward.Verdicts;

/// <summary>
/// Cuts a text into overlapping windows for a reader whose context is smaller: whole sentences, as many as fit, beginning with the last ones
/// of the window before. No window holds more than it may, and together they hold every sentence.
/// </summary>
public static class TextWindows
{
    /// <summary>The windows in order; the text itself where it fits.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="tokens">What a window may hold.</param>
    /// <param name="overlap">What it shares with the one before at most; less than <paramref name="tokens"/>.</param>
    /// <param name="count">Counts the tokens of a text.</param>
    public static IReadOnlyList<string> Of(string text, int tokens, int overlap, Func<string, int> count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(overlap, tokens);
        if (count(text) <= tokens)
        {
            return [text];
        }

        // A sentence of a text takes about as many tokens as alone; one more stands for the blank before it.
        var pieces = Sentences.Of(text).SelectMany(sentence => Pieces(text, sentence, tokens, count)).ToList();
        var windows = new List<string>();
        for (var first = 0; first < pieces.Count;)
        {
            var (next, held) = (first, 0);
            while (next < pieces.Count && (next == first || held + pieces[next].Tokens <= tokens))
            {
                held += pieces[next++].Tokens;
            }

            // What stands between two sentences (a hundred blank lines) counts too.
            var start = first;
            var window = Window(start, next);
            while (next - 1 > start && count(window) > tokens)
            {
                window = Window(start, --next);
            }

            windows.Add(window);
            if (next == pieces.Count)
            {
                break;
            }

            var shared = 0;
            first = next;
            while (first - 1 > start && shared + pieces[first - 1].Tokens <= overlap)
            {
                shared += pieces[--first].Tokens;
            }
        }

        return windows;

        string Window(int from, int to) => text[pieces[from].Where.Start..pieces[to - 1].Where.End];
    }

    private static IEnumerable<(Range Where, int Tokens)> Pieces(string text, Range where, int tokens, Func<string, int> count)
    {
        var (from, length) = where.GetOffsetAndLength(text.Length);
        var held = count(text[where]) + 1;
        if (held <= tokens || length < 2)
        {
            return [(where, held)];
        }

        // Between words, if there is a blank in the first half; never within a character.
        var middle = from + (length / 2);
        var blank = text.LastIndexOf(' ', middle, length / 2);
        middle = blank > from ? blank : char.IsLowSurrogate(text[middle]) ? middle - 1 : middle;
        return middle == from ? [(where, held)] : Pieces(text, from..middle, tokens, count).Concat(Pieces(text, middle..(from + length), tokens, count));
    }
}

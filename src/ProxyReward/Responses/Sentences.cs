using System.Collections.Frozen;

namespace ProxyReward.Responses;

/// <summary>
/// Cuts a response into sentences, for readers that quote. Made for what language models write: prose, Markdown headings, list lines,
/// tables, missing full stops. Time is linear in the text, whatever the text.
/// </summary>
public static class Sentences
{
    // Run-on text must not pass for one statement: past SoftLimit a sentence ends at white space, at HardLimit anywhere.
    private const int SoftLimit = 500;
    private const int HardLimit = 1000;

    private const int LongestAbbreviation = 8;
    private const string Closers = "\"')]}*_”’»";

    private static readonly FrozenSet<string> Abbreviations = Words(
        "mr mrs ms dr prof st jr sr gen col lt capt sgt gov sen rep rev hon mt ft vs no nos vol fig op cf ca c approx est inc ltd co corp " +
        "dept univ etc al ed eds pp jan feb mar apr jun jul aug sep sept oct nov dec");

    private static readonly FrozenSet<string> Openers = Words(
        "the this that these those it its he she they we his her their there then in on at as after before when while but however and for " +
        "since by from with during although because some many most both if today later finally");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> IsAbbreviation =
        Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> IsOpener =
        Openers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The text up to its last finished sentence: what a cut leaves standing at the end is dropped.</summary>
    public static string WithoutUnfinishedLast(string text)
    {
        var sentences = Of(text).ToList();
        if (sentences.Count > 0 && !IsFinished(text[sentences[^1]]))
        {
            sentences.RemoveAt(sentences.Count - 1);
        }

        return sentences.Count == 0 ? "" : text[..sentences[^1].End];
    }

    private static bool IsFinished(string sentence) => sentence.AsSpan().TrimEnd(Closers) is [.., '.' or '!' or '?'];

    /// <summary>The sentences in order, as ranges of <paramref name="text"/>: none empty, no white space or list marker around them.</summary>
    public static IEnumerable<Range> Of(string text)
    {
        var start = AfterMarker(text, 0);
        for (var i = start; i < text.Length; i++)
        {
            // `next` is where the following sentence may start; -1 while the sentence goes on.
            var (end, next) = text[i] switch
            {
                '\n' or '\r' => (i, LineEnds(text, i) ? AfterMarker(text, i + 1) : -1),
                '.' or '!' or '?' or '…' => Stop(text, i),
                _ when i - start >= SoftLimit && (char.IsWhiteSpace(text[i]) || i - start >= HardLimit) => (i, i),
                _ => (i, -1),
            };
            if (next >= 0)
            {
                if (Trim(text, start, end) is { } sentence)
                {
                    yield return sentence;
                }

                start = next;
                end = Math.Max(end, next);
            }

            i = Math.Max(i, end - 1);
        }

        if (Trim(text, start, text.Length) is { } last)
        {
            yield return last;
        }
    }

    /// <summary>Whether a sentence asks instead of stating.</summary>
    public static bool IsQuestion(ReadOnlySpan<char> sentence) => sentence.TrimEnd(Closers) is [.., '?'];

    // A line ends its sentence unless the next one goes on in lower case (text that was wrapped by hand).
    private static bool LineEnds(string text, int i)
    {
        var next = i + (text.AsSpan(i).StartsWith("\r\n") ? 2 : 1);
        while (next < text.Length && text[next] is ' ' or '\t')
        {
            next++;
        }

        return next >= text.Length || !char.IsLower(text[next]);
    }

    // The end of the run of full stops and closing marks at i, and where the next sentence starts (-1: no sentence ends here).
    private static (int End, int Next) Stop(string text, int i)
    {
        var end = i + 1;
        while (end < text.Length && (text[end] is '.' or '!' or '?' or '…' || Closers.Contains(text[end])))
        {
            end++;
        }

        if (end < text.Length && !char.IsWhiteSpace(text[end]))
        {
            return (end, -1);
        }

        var next = end;
        while (next < text.Length && text[next] is ' ' or '\t')
        {
            next++;
        }

        var goesOn = next < text.Length && (char.IsLower(text[next]) || (IsAbbreviated(text, i) && !Opens(text, next)));
        return (end, goesOn ? -1 : end);
    }

    // "Dr.", "Robert E." and "U.S." end a sentence only where a word follows that usually opens one.
    private static bool IsAbbreviated(string text, int stop)
    {
        var start = stop;
        while (start > 0 && stop - start <= LongestAbbreviation && (char.IsLetter(text[start - 1]) || text[start - 1] == '.'))
        {
            start--;
        }

        var word = text.AsSpan(start, stop - start);
        return text[stop] == '.' && (word.Length == 1 || (word.Length > 2 && word[1] == '.') || IsAbbreviation.Contains(word));
    }

    private static bool Opens(string text, int start)
    {
        var end = start;
        while (end < text.Length && end - start <= LongestAbbreviation && char.IsLetter(text[end]))
        {
            end++;
        }

        return IsOpener.Contains(text.AsSpan(start, end - start));
    }

    // Skips "- ", "* ", "• ", "> ", "## ", "12. ", "3) " at the start of a line: the number of a list is no number of the text.
    private static int AfterMarker(string text, int start)
    {
        var i = start;
        while (i < text.Length && text[i] is ' ' or '\t')
        {
            i++;
        }

        var mark = i;
        while (i < text.Length && i - mark < 6 && text[i] is '-' or '*' or '+' or '•' or '>' or '#')
        {
            i++;
        }

        if (i == mark)
        {
            while (i < text.Length && i - mark < 3 && char.IsAsciiDigit(text[i]))
            {
                i++;
            }

            i = i > mark && i < text.Length && text[i] is '.' or ')' ? i + 1 : mark;
        }

        return i > mark && i < text.Length && text[i] is ' ' or '\t' ? i : start;
    }

    private static Range? Trim(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (start < end && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        return start < end ? start..end : null;
    }

    private static FrozenSet<string> Words(string list) => list.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ProxyReward.Models.Tokenization;

/// <summary>
/// Unicode's forms C and KC. Own code, because <c>string.Normalize</c> does nothing under invariant globalization, and because the ids of the
/// reference come from older tables than today's (<c>CanonicalForms.txt</c>).
/// </summary>
internal static class CanonicalComposition
{
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Tails = 28;

    private static readonly Dictionary<int, byte> Classes = [];
    private static readonly Dictionary<int, int[]> Decompositions = [];
    private static readonly Dictionary<int, int[]> Compatible = [];
    private static readonly Dictionary<(int First, int Second), int> Compositions = [];

    static CanonicalComposition()
    {
        using var stream = typeof(CanonicalComposition).Assembly.GetManifestResourceStream("ProxyReward.Models.Tokenization.CanonicalForms.txt")!;
        using var lines = new StreamReader(stream, Encoding.ASCII);
        while (lines.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            if (words is [var range, var combining] && range.Split('-') is [var first, var last])
            {
                for (var c = Hex(first); c <= Hex(last); c++)
                {
                    Classes.Add(c, byte.Parse(combining, CultureInfo.InvariantCulture));
                }
            }
            else if (words is [var whole, "=" or ">" or "~", .. var parts])
            {
                int[] decomposed = [.. parts.Select(Hex)];
                (words[1] == "~" ? Compatible : Decompositions).Add(Hex(whole), decomposed);
                if (words[1] == "=")
                {
                    Compositions.Add((decomposed[0], decomposed[1]), Hex(whole));
                }
            }
        }
    }

    /// <summary>The text in form C; the same string where nothing changes. The text must be well-formed UTF-16.</summary>
    public static string Compose(string text) =>
        // Nothing below U+0300 composes, decomposes out of form C or reorders with its like.
        text.AsSpan().ContainsAnyExceptInRange('\0', '\u02FF') ? Compose(text, compatible: false) : text;

    /// <summary>The text in form KC: look-alikes (ﬁ, Ｔ, ²) become what they look like, too.</summary>
    public static string ComposeCompatible(string text) =>
        text.AsSpan().ContainsAnyExceptInRange('\0', '\u009F') ? Compose(text, compatible: true) : text;

    private static string Compose(string text, bool compatible)
    {
        var runes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, compatible, runes);
        }

        Reorder(runes);
        Recompose(runes);
        var result = new StringBuilder(text.Length);
        foreach (var rune in runes)
        {
            result.Append(new Rune(rune).ToString());
        }

        return result.ToString();
    }

    private static void Decompose(int rune, bool compatible, List<int> output)
    {
        var syllable = rune - SyllableBase;
        if (syllable is >= 0 and < Leads * Vowels * Tails)
        {
            output.Add(LeadBase + (syllable / (Vowels * Tails)));
            output.Add(VowelBase + (syllable % (Vowels * Tails) / Tails));
            if (syllable % Tails != 0)
            {
                output.Add(TailBase + (syllable % Tails));
            }
        }
        else if (Decompositions.TryGetValue(rune, out var parts) || (compatible && Compatible.TryGetValue(rune, out parts)))
        {
            foreach (var part in parts)
            {
                Decompose(part, compatible, output);
            }
        }
        else
        {
            output.Add(rune);
        }
    }

    /// <summary>Sorts each run of marks by class; stably, and in n log n, for a run may be as long as the text.</summary>
    private static void Reorder(List<int> runes)
    {
        for (var start = 0; start < runes.Count; start++)
        {
            var end = start;
            var sorted = true;
            for (var last = 0; end < runes.Count && ClassOf(runes[end]) is var combining and > 0; end++)
            {
                sorted &= combining >= last;
                last = combining;
            }

            if (!sorted)
            {
                int[] ordered = [.. runes.GetRange(start, end - start).OrderBy(ClassOf)];
                for (var i = 0; i < ordered.Length; i++)
                {
                    runes[start + i] = ordered[i];
                }
            }

            start = end;
        }
    }

    private static void Recompose(List<int> runes)
    {
        var starter = -1;
        var kept = 0;
        var lastClass = 0;
        foreach (var rune in CollectionsMarshal.AsSpan(runes)) // written behind the place that is read
        {
            var combining = ClassOf(rune);

            // A mark reaches its starter over marks of lower class only; a starter must touch it.
            var reaches = starter >= 0 && (starter == kept - 1 || lastClass < combining);
            if (reaches && ComposePair(runes[starter], rune) is { } composed)
            {
                runes[starter] = composed;
                continue;
            }

            if (combining == 0)
            {
                starter = kept;
            }

            lastClass = combining;
            runes[kept++] = rune;
        }

        runes.RemoveRange(kept, runes.Count - kept);
    }

    private static int? ComposePair(int first, int second)
    {
        if (first - LeadBase is >= 0 and < Leads and var lead && second - VowelBase is >= 0 and < Vowels and var vowel)
        {
            return SyllableBase + (((lead * Vowels) + vowel) * Tails);
        }

        if (first - SyllableBase is >= 0 and < Leads * Vowels * Tails and var syllable && syllable % Tails == 0
            && second - TailBase is > 0 and < Tails and var tail)
        {
            return first + tail;
        }

        return Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static byte ClassOf(int rune) => Classes.GetValueOrDefault(rune);

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

using System.Numerics;

namespace ProxyReward.Verdicts;

/// <summary>An <see cref="Questions.EvidencePhrase"/> whose words are numbers. Thread-safe.</summary>
/// <param name="parts">In order; each lists its options, each the numbers of its words.</param>
internal sealed class CompiledPhrase(int[][][] parts)
{
    /// <summary>So that the places where a phrase can end are the bits of one number.</summary>
    public const int MostWords = 63;

    /// <summary>In its longest wording.</summary>
    public int Words => parts.Sum(options => options.Max(option => option.Length));

    /// <summary>Whether some part needs a word, so that the phrase is not found everywhere.</summary>
    public bool SaysSomething => parts.Any(MustStand);

    /// <summary>The words that it can begin with.</summary>
    public IEnumerable<int> FirstWords => parts
        .Take(Array.FindIndex(parts, MustStand) + 1)
        .SelectMany(options => options)
        .Where(option => option.Length > 0)
        .Select(option => option[0])
        .Distinct();

    /// <summary>Whether the words begin with the phrase. Part by part, all places where the parts so far can end are followed at once.</summary>
    public bool Begins(ReadOnlySpan<int> words)
    {
        var ends = 1UL;
        foreach (var options in parts)
        {
            var next = 0UL;
            for (; ends != 0; ends &= ends - 1)
            {
                var end = BitOperations.TrailingZeroCount(ends);
                foreach (var option in options)
                {
                    next |= words[end..].StartsWith(option) ? 1UL << (end + option.Length) : 0;
                }
            }

            ends = next;
        }

        return ends != 0;
    }

    private static bool MustStand(int[][] options) => options.All(option => option.Length > 0);
}

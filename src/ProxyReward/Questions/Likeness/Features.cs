using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ProxyReward.Questions.Likeness;

/// <summary>A text as a set, for the Jaccard index: its content words and each two neighbours among them (shingles), hashed to 64 bits.</summary>
public sealed class Features
{
    private Features(ulong[] sorted) => Sorted = sorted;

    /// <summary>The hashes, ascending, each once.</summary>
    public IReadOnlyList<ulong> Sorted { get; }

    /// <summary>Takes a text apart.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="ignore">Words left out beside the function words; null: none.</param>
    public static Features Of(string text, IReadOnlySet<string>? ignore = null)
    {
        var words = Words.Of(text).Where(word => !Words.IsFunction(word) && ignore?.Contains(word) != true).ToList();
        var all = new HashSet<ulong>(words.Count * 2);
        for (var i = 0; i < words.Count; i++)
        {
            all.Add(Hash(words[i]));
            if (i > 0)
            {
                all.Add(Hash($"{words[i - 1]} {words[i]}"));
            }
        }

        return new Features([.. all.Order()]);
    }

    /// <summary>The Jaccard index, |A ∩ B| / |A ∪ B|; 0 where both are empty.</summary>
    public double Jaccard(Features other)
    {
        var (common, i, j) = (0, 0, 0);
        while (i < Sorted.Count && j < other.Sorted.Count)
        {
            var order = Sorted[i].CompareTo(other.Sorted[j]);
            common += order == 0 ? 1 : 0;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        var union = Sorted.Count + other.Sorted.Count - common;
        return union == 0 ? 0 : (double)common / union;
    }

    // string.GetHashCode differs from process to process; this must not.
    private static ulong Hash(string text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

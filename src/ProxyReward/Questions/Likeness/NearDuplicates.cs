namespace ProxyReward.Questions.Likeness;

/// <summary>Two texts that are nearly the same, by their places in the list.</summary>
/// <param name="First">The earlier one.</param>
/// <param name="Second">The later one.</param>
/// <param name="Likeness">Jaccard index, 0 … 1.</param>
public sealed record LikePair(int First, int Second, double Likeness);

/// <summary>
/// Finds every pair of texts above a likeness, exactly, without comparing all with all: two sets with Jaccard index t or more share a
/// feature among the |x| − ⌈t·|x|⌉ + 1 rarest ones of each (prefix filtering, Chaudhuri et al. 2006), so only those are indexed.
/// </summary>
public static class NearDuplicates
{
    /// <summary>The pairs, by second place and then first.</summary>
    /// <param name="texts">The features of each text.</param>
    /// <param name="threshold">Least Jaccard index, above 0 and at most 1.</param>
    public static IReadOnlyList<LikePair> Of(IReadOnlyList<Features> texts, double threshold)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, 1);
        var frequency = new Dictionary<ulong, int>();
        foreach (var feature in texts.SelectMany(text => text.Sorted))
        {
            frequency[feature] = frequency.GetValueOrDefault(feature) + 1;
        }

        var index = new Dictionary<ulong, List<int>>();
        var pairs = new List<LikePair>();
        for (var second = 0; second < texts.Count; second++)
        {
            var candidates = new SortedSet<int>();
            foreach (var feature in Prefix(texts[second]))
            {
                if (!index.TryGetValue(feature, out var places))
                {
                    index[feature] = places = [];
                }

                candidates.UnionWith(places);
                places.Add(second);
            }

            foreach (var first in candidates)
            {
                if (texts[first].Jaccard(texts[second]) is var likeness && likeness >= threshold)
                {
                    pairs.Add(new LikePair(first, second, likeness));
                }
            }
        }

        return pairs;

        IEnumerable<ulong> Prefix(Features text) => text.Sorted
            .OrderBy(feature => frequency[feature]).ThenBy(feature => feature)
            .Take(text.Sorted.Count - (int)Math.Ceiling((threshold * text.Sorted.Count) - 1e-9) + 1);
    }
}

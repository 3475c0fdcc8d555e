using ProxyReward.Questions.Likeness;

namespace ProxyReward.Pairs.Rules;

/// <summary>
/// Two texts that say nearly the same teach little but where they happen to differ, and a pair that repeats an earlier one of its question
/// (both texts) counts it twice (ours). Likeness is the Jaccard index of <see cref="Features"/>.
/// </summary>
internal sealed class NearDuplicateRule(double threshold, IReadOnlyDictionary<string, string> texts) : IPairRule
{
    private readonly Dictionary<string, Features> features = new(StringComparer.Ordinal);

    public string Key => "near_duplicate";

    public string Why => "both texts say nearly the same, or an earlier pair of the question does";

    public IEnumerable<CandidatePair> Keep(IReadOnlyList<CandidatePair> pairs)
    {
        var kept = new Dictionary<string, List<CandidatePair>>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            kept.TryAdd(pair.QuestionId, []);
            var earlier = kept[pair.QuestionId];
            if (!Alike(pair.Better.ResponseId, pair.Worse.ResponseId) && !earlier.Exists(other => Repeats(pair, other)))
            {
                earlier.Add(pair);
                yield return pair;
            }
        }
    }

    private bool Repeats(CandidatePair pair, CandidatePair other) =>
        Alike(pair.Better.ResponseId, other.Better.ResponseId) && Alike(pair.Worse.ResponseId, other.Worse.ResponseId);

    private bool Alike(string first, string second) => first == second || Of(first).Jaccard(Of(second)) >= threshold;

    private Features Of(string response)
    {
        if (!features.TryGetValue(response, out var found))
        {
            features[response] = found = Features.Of(texts[response]);
        }

        return found;
    }
}

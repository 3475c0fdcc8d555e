using ProxyReward.Questions.Likeness;

namespace ProxyReward.Questions.Gate;

/// <summary>
/// How many there are of each answer, and whether the length of a statement betrays it. Concerns questions and the set, so it only warns.
/// </summary>
internal static class BalanceRule
{
    private const string Rule = "balance";

    // Below this many of a kind an area under the curve is chance; from this area on, length is a tell.
    private const int EnoughOfAKind = 20;
    private const double Telling = 0.65;

    public static IEnumerable<GateFinding> Check(IReadOnlyList<MetaQuestion> questions, GateOptions options)
    {
        foreach (var question in questions)
        {
            if (question.Proxies.Count < options.LeastProxies)
            {
                yield return Warn(question.Id, $"has {question.Proxies.Count} proxies; fewer than {options.LeastProxies} make a coarse reward");
            }

            if (question.Proxies.Count > 1 && question.Proxies.DistinctBy(proxy => proxy.Answer).Count() == 1)
            {
                yield return Warn(question.Id, $"all of its proxies are {question.Proxies[0].Answer}: a reader that always says so scores 1");
            }
        }

        var proxies = questions.SelectMany(question => question.Proxies).ToList();
        var share = proxies.Select(proxy => proxy.Answer ? 1.0 : 0).DefaultIfEmpty(options.LeastTrue).Average();
        if (share < options.LeastTrue || share > options.MostTrue)
        {
            yield return Warn(null, $"{share:P0} of the answers are True; {options.LeastTrue:P0} to {options.MostTrue:P0} are wanted");
        }

        var lengths = proxies.ToLookup(proxy => proxy.Answer, proxy => Words.Of(proxy.Statement).Count);
        var area = Area(lengths[true], lengths[false]);
        if (lengths[true].Count() >= EnoughOfAKind && lengths[false].Count() >= EnoughOfAKind && Math.Abs(area - 0.5) >= Telling - 0.5)
        {
            var longer = area > 0.5 ? "true" : "false";
            var pairs = $"{Math.Max(area, 1 - area):P0} of pairs of a true and a false one";
            yield return Warn(null, $"the {longer} statements are longer ({pairs}): length betrays the answer");
        }
    }

    // The chance that a true statement is longer than a false one, ties counted half (Mann–Whitney).
    private static double Area(IEnumerable<int> lengths, IEnumerable<int> others)
    {
        var (a, b) = (lengths.CountBy(length => length).ToList(), others.CountBy(length => length).ToList());
        var pairs = (double)a.Sum(length => length.Value) * b.Sum(length => length.Value);
        var wins = a.Sum(one => b.Sum(other => (double)one.Value * other.Value * (1 + one.Key.CompareTo(other.Key)) / 2));
        return pairs == 0 ? 0.5 : wins / pairs;
    }

    private static GateFinding Warn(string? questionId, string reason) => new(Rule, GateSeverity.Warn, questionId, null, reason);
}

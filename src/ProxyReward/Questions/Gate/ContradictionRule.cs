using System.Text.RegularExpressions;

namespace ProxyReward.Questions.Gate;

/// <summary>
/// Statements whose gold answers cannot both be right: the same statement with two answers, or a statement and its negation with one.
/// </summary>
internal static partial class ContradictionRule
{
    private const string Rule = "contradiction";

    public static IEnumerable<GateFinding> Check(IReadOnlyList<MetaQuestion> questions)
    {
        var all = questions.SelectMany(question => question.Proxies.Select(proxy =>
        {
            var (core, negated) = Negation.CoreOf(proxy.Statement);

            // What the proxy claims about the core: true, or its negation false, comes to the same.
            return (Question: question, Proxy: proxy, Core: core, Holds: proxy.Answer != negated);
        })).ToList();
        var torn = all.GroupBy(item => item.Core, StringComparer.Ordinal).Where(group => group.DistinctBy(item => item.Holds).Count() > 1);
        foreach (var group in torn)
        {
            foreach (var item in group)
            {
                var other = group.First(candidate => candidate.Holds != item.Holds);
                yield return new GateFinding(
                    Rule, GateSeverity.Reject, item.Question.Id, item.Proxy.Id,
                    $"and '{other.Proxy.Id}' cannot both be right: \"{other.Proxy.Statement}\" is {other.Proxy.Answer}");
            }
        }

        // True twice, but for a number: the number may be a list ("borders France", "borders Spain") or a slip.
        foreach (var group in all.Where(item => item.Proxy.Answer).GroupBy(item => (item.Question.Id, Number().Replace(item.Core, "#"))))
        {
            var first = group.First();
            foreach (var item in group.Skip(1).Where(item => item.Core != first.Core && item.Holds == first.Holds))
            {
                yield return new GateFinding(
                    Rule, GateSeverity.Warn, item.Question.Id, item.Proxy.Id,
                    $"differs from '{first.Proxy.Id}' in a number only, and both are True");
            }
        }
    }

    [GeneratedRegex(@"\d[\d.]*")]
    private static partial Regex Number();
}

using ProxyReward.Questions.Likeness;

namespace ProxyReward.Questions.Gate;

/// <summary>
/// Questions and statements that are there twice. Within a question the later statement goes; across questions it is only reported.
/// </summary>
internal static class DuplicateRule
{
    private const string Rule = "duplicate";

    public static IEnumerable<GateFinding> Check(IReadOnlyList<MetaQuestion> questions, GateOptions options)
    {
        foreach (var pair in NearDuplicates.Of([.. questions.Select(q => Features.Of(q.Text))], options.QuestionLikeness))
        {
            yield return new GateFinding(
                Rule, GateSeverity.Reject, questions[pair.Second].Id, null,
                $"asks the same as '{questions[pair.First].Id}' (likeness {pair.Likeness:0.00})");
        }

        var all = questions.SelectMany(question => question.Proxies.Select(proxy => (Question: question, Proxy: proxy))).ToList();
        foreach (var pair in NearDuplicates.Of([.. all.Select(item => Features.Of(item.Proxy.Statement))], options.StatementLikeness))
        {
            var (first, second) = (all[pair.First], all[pair.Second]);

            // One with another answer is no duplicate; if it contradicts, the rule for that says so. Twins are meant to be alike.
            if (first.Proxy.Answer == second.Proxy.Answer)
            {
                var same = first.Question.Id == second.Question.Id;
                yield return new GateFinding(
                    Rule,
                    same ? GateSeverity.Reject : GateSeverity.Warn,
                    second.Question.Id,
                    second.Proxy.Id,
                    $"says nearly the same as '{first.Proxy.Id}' (likeness {pair.Likeness:0.00})");
            }
        }
    }
}

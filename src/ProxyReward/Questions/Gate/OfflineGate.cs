namespace ProxyReward.Questions.Gate;

/// <summary>The rules of the gate that need no model: quick, free, and the same everywhere. English wording; likeness in any language.</summary>
public static class OfflineGate
{
    /// <summary>Checks a set.</summary>
    public static GateReport Check(IReadOnlyList<MetaQuestion> questions, GateOptions options) => new(questions,
    [
        .. questions.SelectMany(question => question.Proxies.SelectMany(proxy => WordingRules.Check(question, proxy, options))),
        .. DuplicateRule.Check(questions, options),
        .. ContradictionRule.Check(questions),
        .. BalanceRule.Check(questions, options),
    ]);
}

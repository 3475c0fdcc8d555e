namespace ProxyReward.Questions.Gate;

/// <summary>One row of the gate's table.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Rejected">Proxies and questions it rejected.</param>
/// <param name="Warned">Findings that are only warnings.</param>
public sealed record GateRow(string Rule, int Rejected, int Warned);

/// <summary>What the gate found in a question set. Every proxy that does not pass is named with the reason; nothing goes silently.</summary>
/// <param name="Questions">The set as it was checked.</param>
/// <param name="Findings">In the order of the rules, within a rule of the set.</param>
public sealed record GateReport(IReadOnlyList<MetaQuestion> Questions, IReadOnlyList<GateFinding> Findings)
{
    /// <summary>Whether nothing was rejected.</summary>
    public bool Passed => !Rejections.Any();

    /// <summary>Share of proxies whose answer is True.</summary>
    public double ShareTrue => Questions.SelectMany(q => q.Proxies).Select(proxy => proxy.Answer ? 1.0 : 0).DefaultIfEmpty(0).Average();

    /// <summary>Findings by rule.</summary>
    public IReadOnlyList<GateRow> Table =>
    [
        .. Findings.GroupBy(finding => finding.Rule).Select(rule => new GateRow(
            rule.Key,
            rule.Where(f => f.Severity == GateSeverity.Reject).DistinctBy(f => (f.QuestionId, f.ProxyId)).Count(),
            rule.Count(f => f.Severity == GateSeverity.Warn))),
    ];

    /// <summary>The reasons by proxy, for each proxy that was rejected.</summary>
    public ILookup<string, GateFinding> RejectedProxies =>
        Rejections.Where(finding => finding.ProxyId is not null).ToLookup(finding => finding.ProxyId!, StringComparer.Ordinal);

    /// <summary>The reasons by question, for each question that was rejected as a whole.</summary>
    public ILookup<string, GateFinding> RejectedQuestions =>
        Rejections.Where(finding => finding is { ProxyId: null, QuestionId: not null })
            .ToLookup(finding => finding.QuestionId!, StringComparer.Ordinal);

    /// <summary>The set without what was rejected; a question that lost all its proxies goes too.</summary>
    public IReadOnlyList<MetaQuestion> Accepted
    {
        get
        {
            var (questions, proxies) = (RejectedQuestions, RejectedProxies);
            return
            [
                .. Questions.Where(question => !questions.Contains(question.Id))
                    .Select(question => question with { Proxies = [.. question.Proxies.Where(proxy => !proxies.Contains(proxy.Id))] })
                    .Where(question => question.Proxies.Count > 0),
            ];
        }
    }

    private IEnumerable<GateFinding> Rejections => Findings.Where(finding => finding.Severity == GateSeverity.Reject);
}

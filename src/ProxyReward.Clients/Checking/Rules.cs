using ProxyReward.Clients.Asking;
using ProxyReward.Questions;
using ProxyReward.Questions.Gate;

namespace ProxyReward.Clients.Checking;

/// <summary>Relevant, answerable from a good text, atomic and stable, in the judgement of a model.</summary>
internal sealed class JudgeRule(Asker asker) : ModelRule<JudgedReply, Judged>("judge", "check-statements", 45, asker)
{
    protected override IReadOnlyList<Judged> Parts(JudgedReply reply) => reply.Statements;

    protected override string? ReasonOf(Judged part) => part.Reason;

    protected override IEnumerable<Objection> Objections(Judged part, ProxyQuestion proxy) =>
        new[]
        {
            (part.Relevant, new Objection("relevance", GateSeverity.Reject, "is not about what the question asks for")),
            (part.Answerable, new Objection("answerable", GateSeverity.Reject, "would not be settled by a good text")),
            (part.Atomic, new Objection("atomic", GateSeverity.Reject, "says more than one thing")),
            (part.Stable, new Objection("time", GateSeverity.Reject, "will not stay true")),
        }.Where(check => !check.Item1).Select(check => check.Item2);
}

/// <summary>
/// The same proxies with an empty text (the closed-book control). What is answered rightly there can be guessed, or the model
/// uses what it knows: either way its right answers are no evidence of reading. A warning, because it says as much about the
/// reader as about the proxy.
/// </summary>
internal sealed class ClosedBookRule(Asker asker) : ModelRule<OpinionsReply, Opinion>("closed_book", "closed-book", 20, asker)
{
    protected override IReadOnlyList<Opinion> Parts(OpinionsReply reply) => reply.Answers;

    protected override string? ReasonOf(Opinion part) => part.Reason;

    protected override IEnumerable<Objection> Objections(Opinion part, ProxyQuestion proxy) =>
        part.Said() == proxy.Answer ? [new Objection(Name, GateSeverity.Warn, "was answered rightly without a text")] : [];
}

/// <summary>Another model on the gold answers: where it is certain of the opposite, one of the two is wrong.</summary>
internal sealed class SecondOpinionRule(Asker asker) : ModelRule<OpinionsReply, Opinion>("agreement", "second-opinion", 35, asker)
{
    protected override IReadOnlyList<Opinion> Parts(OpinionsReply reply) => reply.Answers;

    protected override string? ReasonOf(Opinion part) => part.Reason;

    protected override IEnumerable<Objection> Objections(Opinion part, ProxyQuestion proxy) => part.Said() switch
    {
        null => [new Objection(Name, GateSeverity.Warn, "is not known to a second model")],
        var said when said != proxy.Answer => [new Objection(Name, GateSeverity.Reject, $"is {proxy.Answer} here and {said} there")],
        _ => [],
    };
}

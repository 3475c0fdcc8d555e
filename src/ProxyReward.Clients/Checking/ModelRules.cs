using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Questions;
using ProxyReward.Questions.Gate;

namespace ProxyReward.Clients.Checking;

/// <summary>A rule that asks a model about the proxies of one question.</summary>
internal interface IModelRule
{
    /// <summary>As in the gate's table.</summary>
    string Name { get; }

    /// <summary>The model asked.</summary>
    Asker Asker { get; }

    /// <exception cref="ReplyException">The model gave no usable reply.</exception>
    Task<IReadOnlyList<GateFinding>> CheckAsync(MetaQuestion question, CancellationToken cancellationToken);

    /// <summary>What asking would take.</summary>
    TokenEstimate Estimate(MetaQuestion question);
}

/// <summary>Relevant, answerable from a good text, atomic and stable, in the judgement of a model.</summary>
internal sealed class JudgeRule(Asker asker) : IModelRule
{
    private const int TokensPerStatement = 45;

    public string Name => "judge";

    public Asker Asker => asker;

    public async Task<IReadOnlyList<GateFinding>> CheckAsync(MetaQuestion question, CancellationToken cancellationToken)
    {
        var reply = await asker.AskAsync<JudgedReply>(
            QuestionGate.Stage, "check-statements", Wording.Values(question), reply => Numbered.InOrder(reply.Statements, question.Proxies.Count), cancellationToken);
        return [.. Numbered.InOrder(reply.Statements, question.Proxies.Count).Zip(question.Proxies).SelectMany(pair => Findings(question, pair.Second, pair.First))];
    }

    public TokenEstimate Estimate(MetaQuestion question) => asker.Estimate<JudgedReply>(
        QuestionGate.Stage, "check-statements", Wording.Values(question), question.Proxies.Count * TokensPerStatement);

    private IEnumerable<GateFinding> Findings(MetaQuestion question, ProxyQuestion proxy, Judged judged) =>
        new[]
        {
            (judged.Relevant, Rule: "relevance", Problem: "is not about what the question asks for"),
            (judged.Answerable, Rule: "answerable", Problem: "would not be settled by a good text"),
            (judged.Atomic, Rule: "atomic", Problem: "says more than one thing"),
            (judged.Stable, Rule: "time", Problem: "will not stay true"),
        }.Where(check => !check.Item1).Select(check => new GateFinding(
            check.Rule, GateSeverity.Reject, question.Id, proxy.Id, Wording.Because(check.Problem, asker.Model, judged.Reason)));
}

/// <summary>
/// The same proxies with an empty text (the closed-book control). What is answered rightly there can be guessed, or the model uses what it
/// knows: either way its right answers are no evidence of reading. A warning, because it says as much about the reader as about the proxy.
/// </summary>
internal sealed class ClosedBookRule(Asker asker) : IModelRule
{
    private const int TokensPerStatement = 20;

    public string Name => "closed_book";

    public Asker Asker => asker;

    public async Task<IReadOnlyList<GateFinding>> CheckAsync(MetaQuestion question, CancellationToken cancellationToken)
    {
        var reply = await asker.AskAsync<OpinionsReply>(
            QuestionGate.Stage, "closed-book", Wording.Values(question), reply => Numbered.InOrder(reply.Answers, question.Proxies.Count), cancellationToken);
        return
        [
            .. Numbered.InOrder(reply.Answers, question.Proxies.Count).Zip(question.Proxies).Where(pair => pair.First.Said() == pair.Second.Answer)
                .Select(pair => new GateFinding(
                    Name, GateSeverity.Warn, question.Id, pair.Second.Id, Wording.Because("was answered rightly without a text", asker.Model, pair.First.Reason))),
        ];
    }

    public TokenEstimate Estimate(MetaQuestion question) => asker.Estimate<OpinionsReply>(
        QuestionGate.Stage, "closed-book", Wording.Values(question), question.Proxies.Count * TokensPerStatement);
}

/// <summary>Another model on the gold answers: where it is certain of the opposite, one of the two is wrong.</summary>
internal sealed class SecondOpinionRule(Asker asker) : IModelRule
{
    private const int TokensPerStatement = 35;

    public string Name => "agreement";

    public Asker Asker => asker;

    public async Task<IReadOnlyList<GateFinding>> CheckAsync(MetaQuestion question, CancellationToken cancellationToken)
    {
        var reply = await asker.AskAsync<OpinionsReply>(
            QuestionGate.Stage, "second-opinion", Wording.Values(question), reply => Numbered.InOrder(reply.Answers, question.Proxies.Count), cancellationToken);
        return
        [
            .. Numbered.InOrder(reply.Answers, question.Proxies.Count).Zip(question.Proxies).Where(pair => pair.First.Said() != pair.Second.Answer)
                .Select(pair => pair.First.Said() is { } said
                    ? new GateFinding(Name, GateSeverity.Reject, question.Id, pair.Second.Id, Wording.Because($"is {pair.Second.Answer} here and {said} there", asker.Model, pair.First.Reason))
                    : new GateFinding(Name, GateSeverity.Warn, question.Id, pair.Second.Id, Wording.Because("is not known to a second model", asker.Model, pair.First.Reason))),
        ];
    }

    public TokenEstimate Estimate(MetaQuestion question) => asker.Estimate<OpinionsReply>(
        QuestionGate.Stage, "second-opinion", Wording.Values(question), question.Proxies.Count * TokensPerStatement);
}

/// <summary>How statements are put to a model, and its reasons to people.</summary>
internal static class Wording
{
    public static Dictionary<string, string> Values(MetaQuestion question) => new()
    {
        ["domain"] = question.Domain,
        ["question"] = question.Text,
        ["statements"] = Numbered.List(question.Proxies.Select(proxy => proxy.Statement)),
    };

    public static string Because(string problem, string model, string? reason) =>
        string.IsNullOrWhiteSpace(reason) ? $"{problem} ({model})" : $"{problem} ({model}: {Failure.Shorten(reason.Trim())})";
}

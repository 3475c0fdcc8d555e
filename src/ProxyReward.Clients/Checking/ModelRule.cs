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

/// <summary>What a model's words about one statement amount to.</summary>
internal sealed record Objection(string Rule, GateSeverity Severity, string Problem);

/// <summary>The common form: one request for all statements of a question, one part of the reply for each.</summary>
internal abstract class ModelRule<TReply, TPart>(string name, string prompt, int tokensPerStatement, Asker asker) : IModelRule
    where TReply : class
    where TPart : class, INumbered
{
    public string Name => name;

    public Asker Asker => asker;

    public async Task<IReadOnlyList<GateFinding>> CheckAsync(MetaQuestion question, CancellationToken cancellationToken)
    {
        var reply = await asker.AskAsync<TReply>(QuestionGate.Stage, prompt, Values(question), Check, cancellationToken);
        return
        [
            .. from pair in InOrder(reply).Zip(question.Proxies, (part, proxy) => (Part: part, Proxy: proxy))
               from objection in Objections(pair.Part, pair.Proxy)
               select new GateFinding(objection.Rule, objection.Severity, question.Id, pair.Proxy.Id, Worded(objection.Problem, pair.Part)),
        ];

        void Check(TReply answered) => InOrder(answered);

        TPart[] InOrder(TReply answered) => Numbered.InOrder(Parts(answered), question.Proxies.Count);
    }

    public TokenEstimate Estimate(MetaQuestion question) => asker.Estimate<TReply>(
        QuestionGate.Stage, prompt, Values(question), question.Proxies.Count * tokensPerStatement);

    protected abstract IReadOnlyList<TPart> Parts(TReply reply);

    protected abstract string? ReasonOf(TPart part);

    protected abstract IEnumerable<Objection> Objections(TPart part, ProxyQuestion proxy);

    private static Dictionary<string, string> Values(MetaQuestion question) => new()
    {
        ["domain"] = question.Domain,
        ["question"] = question.Text,
        ["statements"] = Numbered.List(question.Proxies.Select(proxy => proxy.Statement)),
    };

    private string Worded(string problem, TPart part) => ReasonOf(part)?.Trim() is { Length: > 0 } reason
        ? $"{problem} ({asker.Model}: {Failure.Shorten(reason)})"
        : $"{problem} ({asker.Model})";
}

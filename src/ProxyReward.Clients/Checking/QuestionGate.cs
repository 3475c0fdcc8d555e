using System.Collections.Concurrent;
using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Requests;
using ProxyReward.Clients.Writing;
using ProxyReward.Questions;
using ProxyReward.Questions.Gate;

namespace ProxyReward.Clients.Checking;

/// <summary>The models of the gate; a rule without its model is left out.</summary>
/// <param name="Judge">Relevance, answerable, atomic, stable.</param>
/// <param name="Guesser">The closed-book control; best the model that will read.</param>
/// <param name="Second">The second opinion on gold answers; must not be the model that wrote them.</param>
public sealed record GateModels(Asker? Judge = null, Asker? Guesser = null, Asker? Second = null);

/// <summary>A set that was mended.</summary>
/// <param name="Report">Of the last check; <see cref="GateReport.Accepted"/> is the mended set.</param>
/// <param name="Replaced">Why what was replaced had to go.</param>
/// <param name="Problems">What could not be replaced, and why.</param>
public sealed record FixResult(GateReport Report, IReadOnlyList<GateFinding> Replaced, IReadOnlyList<string> Problems);

/// <summary>The quality gate of question sets: the offline rules of the core, then the rules that ask models.</summary>
/// <param name="options">Where the lines are drawn.</param>
/// <param name="models">Which models are asked; none by default.</param>
public sealed class QuestionGate(GateOptions options, GateModels? models = null)
{
    /// <summary>The stage under which the ledger books it.</summary>
    public const string Stage = "questions check";

    private const int FixRounds = 3;
    private readonly IReadOnlyList<IModelRule> rules = RulesOf(models ?? new GateModels());

    /// <summary>Checks a set. A question that a model fails at is reported as unchecked.</summary>
    /// <param name="questions">A set.</param>
    /// <param name="onChecked">Called after each question and rule; from any thread.</param>
    /// <param name="cancellationToken">Stops it; what was answered is kept.</param>
    public async Task<GateReport> CheckAsync(
        IReadOnlyList<MetaQuestion> questions, Action<string>? onChecked, CancellationToken cancellationToken)
    {
        var offline = OfflineGate.Check(questions, options);
        var findings = offline.Findings.ToList();
        foreach (var rule in rules)
        {
            var found = new IReadOnlyList<GateFinding>[questions.Count];
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = rule.Asker.Concurrency, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, questions.Count, parallel, async (i, cancel) =>
            {
                found[i] = await FindingsAsync(rule, questions[i], cancel);
                onChecked?.Invoke(questions[i].Id);
            });
            findings.AddRange(found.SelectMany(list => list));
        }

        return offline with { Findings = findings };
    }

    /// <summary>
    /// Checks a set and asks for other proxies in place of those rejected, with the same answers, until all pass or the rounds are over.
    /// </summary>
    /// <param name="questions">A set.</param>
    /// <param name="writer">The model that writes the replacements.</param>
    /// <param name="cancellationToken">Stops it; what was answered is kept.</param>
    public async Task<FixResult> FixAsync(IReadOnlyList<MetaQuestion> questions, Asker writer, CancellationToken cancellationToken)
    {
        var replaced = new List<GateFinding>();
        var problems = new ConcurrentQueue<string>();
        var report = await CheckAsync(questions, null, cancellationToken);
        for (var round = 0; round < FixRounds && report.RejectedProxies.Count > 0; round++)
        {
            var rejected = report.RejectedProxies;
            replaced.AddRange(rejected.SelectMany(reasons => reasons));
            var mended = report.Questions.ToArray();
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = writer.Concurrency, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, mended.Length, parallel, async (i, cancel) =>
                mended[i] = await ReplacedAsync(mended[i], rejected, writer, problems, cancel));
            report = await CheckAsync([.. mended.Where(question => question.Proxies.Count > 0)], null, cancellationToken);
        }

        return new FixResult(report, replaced, [.. problems.Order(StringComparer.Ordinal)]);
    }

    /// <summary>What checking a set would take, rule by rule; what was checked before takes nothing.</summary>
    public IReadOnlyList<Estimate> Estimate(IReadOnlyList<MetaQuestion> questions, PriceTable prices) =>
        [.. rules.Select(rule => Asking.Estimate.Of($"{Stage} ({rule.Name})", rule.Asker.Model, questions.Select(rule.Estimate), prices))];

    private static IReadOnlyList<IModelRule> RulesOf(GateModels models) =>
    [
        .. new IModelRule?[]
        {
            models.Judge is { } judge ? new JudgeRule(judge) : null,
            models.Guesser is { } guesser ? new ClosedBookRule(guesser) : null,
            models.Second is { } second ? new SecondOpinionRule(second) : null,
        }.OfType<IModelRule>(),
    ];

    private static async Task<IReadOnlyList<GateFinding>> FindingsAsync(
        IModelRule rule, MetaQuestion question, CancellationToken cancellationToken)
    {
        try
        {
            return await rule.CheckAsync(question, cancellationToken);
        }
        catch (ReplyException e)
        {
            return [new GateFinding("unchecked", GateSeverity.Warn, question.Id, null, $"{rule.Name}: {e.Message}")];
        }
    }

    private static async Task<MetaQuestion> ReplacedAsync(
        MetaQuestion question,
        ILookup<string, GateFinding> rejected,
        Asker writer,
        ConcurrentQueue<string> problems,
        CancellationToken cancellationToken)
    {
        var gone = question.Proxies.Where(proxy => rejected.Contains(proxy.Id)).ToList();
        if (gone.Count == 0)
        {
            return question;
        }

        var refused = gone.Select(proxy => $"- {proxy.Statement} ({string.Join("; ", rejected[proxy.Id].Select(finding => finding.Reason))})");
        var trueCount = gone.Count(proxy => proxy.Answer);

        // The question goes in whole: what is new must differ from what was refused too, and take no id of it.
        var (written, problem) = await new ProxyWriter(writer, $"{Stage} --fix").WriteAsync(
            question, trueCount, gone.Count - trueCount, "replace-proxies", string.Join('\n', refused), cancellationToken);
        if (problem is not null)
        {
            problems.Enqueue($"{question.Id}: {problem}");
        }

        return question with { Proxies = [.. question.Proxies.Except(gone), .. written] };
    }
}

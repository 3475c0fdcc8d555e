using System.Collections.Concurrent;
using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Requests;
using ProxyReward.Questions;
using ProxyReward.Questions.Likeness;

namespace ProxyReward.Clients.Writing;

/// <summary>What was written, and what could not be.</summary>
/// <param name="Questions">In the order of domains and numbers.</param>
/// <param name="Problems">Each shortfall with its domain or question; empty where everything asked for is there.</param>
public sealed record WritingResult(IReadOnlyList<MetaQuestion> Questions, IReadOnlyList<string> Problems);

/// <summary>
/// Step 1 of the method: meta-questions over domains, and to each its proxies. A domain is written by itself, so the domains can be shared
/// out among shards. Everything goes through the cache: a run that was stopped and is started again asks only for the rest.
/// </summary>
/// <param name="asker">The writing model.</param>
/// <param name="options">What to write.</param>
public sealed class QuestionWriter(Asker asker, WritingOptions options)
{
    /// <summary>The stage under which the ledger books it.</summary>
    public const string Stage = "questions generate";

    // A model that lists many at once begins to repeat itself.
    private const int QuestionsPerRequest = 10;
    private const double SameSubject = 0.75;

    private readonly WritingOptions options = options.Validated();
    private readonly ProxyWriter proxies = new(asker, Stage);

    /// <summary>How many questions each domain gets; the first ones get the remainder.</summary>
    public IReadOnlyList<(string Domain, int Count)> Plan { get; } =
        [.. options.Domains.Select((domain, i) => (Domain: domain, Count: Share(options.Count, options.Domains.Count, i))).Where(part => part.Count > 0)];

    /// <summary>Writes the questions of a shard; what a model failed at is reported, not thrown.</summary>
    /// <param name="shard">Which domains.</param>
    /// <param name="onWritten">Called after each question, with its id; from any thread.</param>
    /// <param name="cancellationToken">Stops it; what was answered is kept.</param>
    public async Task<WritingResult> WriteAsync(Shard shard, Action<string>? onWritten, CancellationToken cancellationToken)
    {
        var problems = new ConcurrentQueue<(string Id, string Problem)>();
        var mine = shard.Of(Plan);
        var asked = new List<MetaQuestion>[mine.Count];
        await Parallel.ForAsync(0, mine.Count, InParallel(cancellationToken), async (i, cancel) =>
        {
            var (domain, count) = mine[i];
            var texts = await MetaQuestionsAsync(domain, count, problems, cancel);
            asked[i] = [.. texts.Select((text, n) => new MetaQuestion(IdOf(domain, n + 1), domain, text, []))];
        });
        var result = await CompleteAsync([.. asked.SelectMany(list => list)], onWritten, cancellationToken);
        return result with { Problems = [.. Worded(problems), .. result.Problems] };
    }

    /// <summary>Writes the proxies of questions that have none, such as imported ones; the others stay as they are.</summary>
    /// <param name="given">Meta-questions.</param>
    /// <param name="onWritten">Called after each question, with its id; from any thread.</param>
    /// <param name="cancellationToken">Stops it; what was answered is kept.</param>
    public async Task<WritingResult> CompleteAsync(
        IReadOnlyList<MetaQuestion> given, Action<string>? onWritten, CancellationToken cancellationToken)
    {
        var problems = new ConcurrentQueue<(string Id, string Problem)>();
        var questions = given.ToArray();
        await Parallel.ForAsync(0, questions.Length, InParallel(cancellationToken), async (i, cancel) =>
        {
            if (questions[i].Proxies.Count == 0)
            {
                questions[i] = await ProxiesAsync(questions[i], problems, cancel);
                onWritten?.Invoke(questions[i].Id);
            }
        });
        return new WritingResult([.. questions.Where(question => question.Proxies.Count > 0)], [.. Worded(problems)]);
    }

    /// <summary>What writing a shard would take, before it is done.</summary>
    public Estimate Estimate(Shard shard, PriceTable prices)
    {
        // The questions are not written yet: one of usual length stands for each, so the cache can answer for none of them.
        const string Usual = "Write a comprehensive article about a subject, covering its origin, its development and its influence.";
        const int TokensPerQuestion = 30;
        var requests = shard.Of(Plan).SelectMany(part =>
        {
            var values = Values(part.Domain, QuestionsPerRequest, []);
            var list = asker.Estimate<MetaQuestionsReply>(Stage, "meta-questions", values, QuestionsPerRequest * TokensPerQuestion);
            var question = new MetaQuestion("", part.Domain, Usual, []);
            var each = proxies.Estimate(question, options.TrueProxies, options.Proxies - options.TrueProxies);
            var lists = (part.Count + QuestionsPerRequest - 1) / QuestionsPerRequest;
            return Enumerable.Repeat(list, lists).Concat(Enumerable.Repeat(each, part.Count));
        });
        return Asking.Estimate.Of(Stage, asker.Model, requests, prices);
    }

    private static IEnumerable<string> Worded(IEnumerable<(string Id, string Problem)> problems) =>
        problems.OrderBy(p => p.Id, StringComparer.Ordinal).Select(p => $"{p.Id}: {p.Problem}");

    private static int Share(int count, int parts, int part) => (count / parts) + (part < count % parts ? 1 : 0);

    private static string IdOf(string domain, int number) => $"{WritingOptions.Slug(domain)}-{number:000}";

    private static Dictionary<string, string> Values(string domain, int count, List<string> known) => new()
    {
        ["domain"] = domain,
        ["count"] = $"{count}",
        ["avoid"] = known.Count == 0 ? "- (none yet)" : string.Join('\n', known.Select(text => $"- {text}")),
    };

    private ParallelOptions InParallel(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = asker.Concurrency, CancellationToken = cancellationToken };

    // One request after the other, each told what is there; until a request brings nothing new.
    private async Task<List<string>> MetaQuestionsAsync(
        string domain, int count, ConcurrentQueue<(string Id, string Problem)> problems, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        var features = new List<Features>();
        try
        {
            for (var news = true; news && texts.Count < count;)
            {
                var values = Values(domain, Math.Min(QuestionsPerRequest, count - texts.Count), texts);
                var reply = await asker.AskAsync<MetaQuestionsReply>(Stage, "meta-questions", values, Check, cancellationToken);
                news = false;
                foreach (var text in reply.MetaQuestions.Select(text => text.Trim()))
                {
                    var feature = Features.Of(text);
                    if (texts.Count < count && features.TrueForAll(other => other.Jaccard(feature) < SameSubject))
                    {
                        texts.Add(text);
                        features.Add(feature);
                        news = true;
                    }
                }
            }
        }
        catch (ReplyException e)
        {
            problems.Enqueue((WritingOptions.Slug(domain), e.Message));
        }

        if (texts.Count < count)
        {
            var problem = $"only {texts.Count} of {count} meta-questions differ enough; ask for fewer, or split the domain.";
            problems.Enqueue((WritingOptions.Slug(domain), problem));
        }

        return texts;

        static void Check(MetaQuestionsReply reply)
        {
            if (reply.MetaQuestions.Count == 0 || reply.MetaQuestions.Any(string.IsNullOrWhiteSpace))
            {
                throw new ReplyException("a meta-question is empty");
            }
        }
    }

    private async Task<MetaQuestion> ProxiesAsync(
        MetaQuestion question, ConcurrentQueue<(string Id, string Problem)> problems, CancellationToken cancellationToken)
    {
        var (written, problem) = await proxies.WriteAsync(
            question, options.TrueProxies, options.Proxies - options.TrueProxies, "proxy-questions", "", cancellationToken);
        if (problem is not null)
        {
            problems.Enqueue((question.Id, problem));
        }

        return question with { Proxies = written };
    }
}

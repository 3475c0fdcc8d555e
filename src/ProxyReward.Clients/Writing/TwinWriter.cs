using System.Collections.Concurrent;
using ProxyReward.Clients.Asking;
using ProxyReward.Questions;

namespace ProxyReward.Clients.Writing;

/// <summary>Writes negated twins: by rule where the rule is certain, by a model where it is not.</summary>
/// <param name="asker">The model; null: by rule alone, which leaves more proxies without a twin.</param>
public sealed class TwinWriter(Asker? asker)
{
    /// <summary>The stage under which the ledger books it.</summary>
    public const string Stage = "questions twins";

    /// <summary>Adds the twins; proxies that neither rule nor model could negate are named in <see cref="Twins.Without"/>.</summary>
    public async Task<Twins> WriteAsync(IReadOnlyList<MetaQuestion> questions, CancellationToken cancellationToken)
    {
        var negations = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = asker?.Concurrency ?? 1, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(questions, parallel, async (question, cancel) =>
        {
            var left = question.Proxies.Where(proxy => Negation.Of(proxy.Statement) is null && Twins.TwinOf(proxy) is null).ToList();
            if (asker is null || left.Count == 0)
            {
                return;
            }

            try
            {
                var values = new Dictionary<string, string> { ["statements"] = Numbered.List(left.Select(proxy => proxy.Statement)) };
                var reply = await asker.AskAsync<NegationsReply>(Stage, "negate", values, reply => Check(reply, left), cancel);
                foreach (var (negated, proxy) in Numbered.InOrder(reply.Negations, left.Count).Zip(left))
                {
                    negations[proxy.Id] = negated.Statement.Trim();
                }
            }
            catch (ReplyException)
            {
                // They stay without twin, and are named.
            }
        });
        return Twins.Of(questions, proxy => Negation.Of(proxy.Statement) ?? negations.GetValueOrDefault(proxy.Id));
    }

    private static void Check(NegationsReply reply, List<ProxyQuestion> proxies)
    {
        foreach (var (negated, proxy) in Numbered.InOrder(reply.Negations, proxies.Count).Zip(proxies))
        {
            if (string.IsNullOrWhiteSpace(negated.Statement) || Negation.CoreOf(negated.Statement) == Negation.CoreOf(proxy.Statement))
            {
                throw new ReplyException($"number {negated.Number} is no negation");
            }
        }
    }
}

using System.Text.Json;
using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Questions;
using ProxyReward.Questions.Likeness;

namespace ProxyReward.Clients.Writing;

/// <summary>
/// Writes proxies to a meta-question until it has as many true and as many false ones as asked for. A model seldom keeps the numbers
/// itself: what is too many of a kind is left, what is missing is asked for again with the others shown.
/// </summary>
internal sealed class ProxyWriter(Asker asker, string stage)
{
    private const int Rounds = 3;
    private const int TokensPerProxy = 60;
    private const double Same = 0.8;

    /// <summary>Writes proxies; they carry the numbers that follow those the question has.</summary>
    /// <param name="question">Its proxies stay; the new ones differ from them.</param>
    /// <param name="trueCount">True ones to write.</param>
    /// <param name="falseCount">False ones to write.</param>
    /// <param name="prompt">The prompt file.</param>
    /// <param name="refused">For the prompt that replaces: what was refused and why.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The new proxies, and the shortfall in words; null where there is none.</returns>
    public async Task<(IReadOnlyList<ProxyQuestion> Proxies, string? Problem)> WriteAsync(
        MetaQuestion question,
        int trueCount,
        int falseCount,
        string prompt,
        string refused,
        CancellationToken cancellationToken)
    {
        var written = new List<ProxyQuestion>();
        var known = question.Proxies.Select(proxy => Features.Of(proxy.Statement)).ToList();
        var (wantTrue, wantFalse) = (trueCount, falseCount);
        string? problem = null;
        try
        {
            for (var round = 0; round < Rounds && wantTrue + wantFalse > 0; round++)
            {
                var there = question.Proxies.Concat(written).Select(proxy => proxy.Statement).ToList();
                var values = Values(question, wantTrue, wantFalse, there, refused);
                foreach (var proxy in (await asker.AskAsync<ProxiesReply>(stage, prompt, values, Check, cancellationToken)).Proxies)
                {
                    var features = Features.Of(proxy.Statement);
                    if ((proxy.Answer ? wantTrue : wantFalse) == 0 || known.Exists(other => other.Jaccard(features) >= Same))
                    {
                        continue;
                    }

                    known.Add(features);
                    var id = NextId(question, written.Count);
                    written.Add(new ProxyQuestion(id, proxy.Statement.Trim(), proxy.Answer) { Other = Extras(proxy) });
                    (wantTrue, wantFalse) = proxy.Answer ? (wantTrue - 1, wantFalse) : (wantTrue, wantFalse - 1);
                }
            }
        }
        catch (ReplyException e)
        {
            problem = e.Message;
        }

        problem ??= wantTrue + wantFalse == 0 ? null : $"{wantTrue} true and {wantFalse} false proxies are missing after {Rounds} requests.";
        return (written, problem);
    }

    /// <summary>What the first request would take.</summary>
    public TokenEstimate Estimate(MetaQuestion question, int trueCount, int falseCount) => asker.Estimate<ProxiesReply>(
        stage, "proxy-questions", Values(question, trueCount, falseCount, [], ""), (trueCount + falseCount) * TokensPerProxy);

    private static Dictionary<string, string> Values(
        MetaQuestion question, int trueCount, int falseCount, List<string> avoid, string refused) => new()
        {
            ["refused"] = refused,
            ["domain"] = question.Domain,
            ["question"] = question.Text,
            ["count"] = $"{trueCount + falseCount}",
            ["true_count"] = $"{trueCount}",
            ["false_count"] = $"{falseCount}",
            ["avoid"] = avoid.Count == 0
            ? ""
            : $"\nDo not use these again, nor anything like them:\n{string.Join('\n', avoid.Select(text => $"- {text}"))}\n",
        };

    private static void Check(ProxiesReply reply)
    {
        if (reply.Proxies.Count == 0 || reply.Proxies.Any(proxy => proxy is null || string.IsNullOrWhiteSpace(proxy.Statement)))
        {
            throw new ReplyException("a proxy is empty");
        }
    }

    // After the highest number in use, so that a replacement never takes the id of what it replaces.
    private static string NextId(MetaQuestion question, int written)
    {
        var highest = question.Proxies.Select(proxy => proxy.Id.StartsWith($"{question.Id}-", StringComparison.Ordinal)
            && int.TryParse(proxy.Id.AsSpan(question.Id.Length + 1), out var number) ? number : 0).DefaultIfEmpty(0).Max();
        return $"{question.Id}-{highest + written + 1:00}";
    }

    private static Dictionary<string, JsonElement>? Extras(WrittenProxy proxy)
    {
        var extras = new Dictionary<string, JsonElement>();
        if (!string.IsNullOrWhiteSpace(proxy.Rationale))
        {
            extras["rationale"] = JsonSerializer.SerializeToElement(proxy.Rationale, Json.Line);
        }

        if (proxy.Importance is >= 1 and <= 5)
        {
            extras["importance"] = JsonSerializer.SerializeToElement(proxy.Importance.Value, Json.Line);
        }

        return extras.Count > 0 ? extras : null;
    }
}

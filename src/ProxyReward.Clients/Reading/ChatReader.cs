using ProxyReward.Clients.Asking;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Clients.Reading;

/// <summary>
/// A chat model as reader, as in the paper (there GPT-4o-mini, which says true or false; NotStated, confidence and quote are ours). A reply
/// that cannot be understood is asked for again; when no attempt is left, its proxies are NotStated and marked as failures. Thread-safe.
/// </summary>
/// <param name="asker">The model.</param>
/// <param name="ask">What is asked at a time.</param>
public sealed class ChatReader(Asker asker, ReadingUnit ask) : IReader
{
    /// <summary>The stage under which the ledger books it.</summary>
    public const string Stage = "read";

    /// <summary>The prompt file.</summary>
    public const string PromptName = "read";

    /// <summary>What fills the gaps of the prompt.</summary>
    public static IReadOnlyDictionary<string, string> Values(IEnumerable<ProxyQuestion> proxies, UntrustedText text) => new Dictionary<string, string>
    {
        ["mark"] = text.Mark,
        ["text"] = text.Text,
        ["statements"] = Numbered.List(proxies.Select(proxy => proxy.Statement)),
    };

    /// <inheritdoc/>
    public string Name => "chat";

    /// <inheritdoc/>
    public bool Quotes => true;

    /// <inheritdoc/>
    public bool KnowsGoldAnswers => false;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        var shown = new UntrustedText(text);
        var read = await Task.WhenAll(question.Proxies
            .Chunk(ask == ReadingUnit.PerProxy ? 1 : question.Proxies.Count)
            .Select(proxies => ReadAsync(proxies, shown, cancellationToken)));
        return [.. read.SelectMany(verdicts => verdicts)];
    }

    private async Task<IEnumerable<ProxyVerdict>> ReadAsync(ProxyQuestion[] proxies, UntrustedText text, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await asker.AskAsync<ReadReply>(Stage, PromptName, Values(proxies, text), reply => InOrder(reply), cancellationToken);
            return InOrder(reply).Zip(proxies, (read, proxy) => new ProxyVerdict(
                proxy.Id, read.Verdict, read.Verdict == Verdict.NotStated ? null : read.Quote, read.Confidence));
        }
        catch (ReplyException)
        {
            return proxies.Select(proxy => new ProxyVerdict(proxy.Id, Verdict.NotStated) { Failure = ReadingFailure.Reply });
        }

        ReadStatement[] InOrder(ReadReply reply)
        {
            var inOrder = Numbered.InOrder(reply.Verdicts, proxies.Length);
            return Array.TrueForAll(inOrder, read => read.Confidence is null or (>= 0 and <= 1))
                ? inOrder
                : throw new ReplyException("a confidence lies between 0 and 1");
        }
    }
}

/// <summary>The form of a reply to <c>read</c>.</summary>
internal sealed record ReadReply(IReadOnlyList<ReadStatement> Verdicts);

internal sealed record ReadStatement(int Number, Verdict Verdict, double? Confidence = null, string? Quote = null) : INumbered;

using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace ProxyReward.Clients.Endpoints;

/// <summary>
/// Middleware that deals in whole answers: a stream is cut from the whole answer, so that no caller passes by the cache, the ledger
/// or the limits by asking for a stream.
/// </summary>
public abstract class WholeAnswerChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    /// <inheritdoc/>
    public abstract override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public sealed override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }
}

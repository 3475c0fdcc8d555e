using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;

namespace ProxyReward.Clients;

/// <summary>
/// Opens the one door to a hosted model: the OpenAI SDK, its answers guarded, then retries and limits, then cache, ledger and budget.
/// </summary>
public static class HostedModel
{
    /// <summary>Opens a client; dispose it when done, the store stays open.</summary>
    /// <param name="endpoint">Where and how to ask.</param>
    /// <param name="store">The cache and the ledger.</param>
    /// <param name="prices">For the ledger and a budget in money.</param>
    /// <param name="budget">What may be spent.</param>
    /// <param name="time">The clock; the system's by default.</param>
    /// <exception cref="RequestException">An option cannot work, or the key is missing.</exception>
    public static RecordedChatClient Open(
        EndpointOptions endpoint, RequestStore store, PriceTable? prices = null, BudgetOptions? budget = null, TimeProvider? time = null)
    {
        endpoint.Validated();
        time ??= TimeProvider.System;
        var key = ApiKey.For(endpoint);
        var retrying = new RetryingChatClient(Connect(endpoint, key), endpoint, key, time);
        return new RecordedChatClient(retrying, endpoint, store, prices ?? PriceTable.Empty, budget ?? new BudgetOptions(), time);
    }

    // Redirects are off: the SDK would send the key along. One retry layer, ours, and one timeout, ours.
    private static IChatClient Connect(EndpointOptions endpoint, ApiKey key)
    {
        var sockets = new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        var http = new HttpClient(new AnswerGuard(sockets, endpoint.MaxAnswerBytes)) { Timeout = Timeout.InfiniteTimeSpan };
        var options = new OpenAIClientOptions
        {
            Endpoint = endpoint.Address,
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        return new OpenAIClient(new ApiKeyCredential(key.Reveal()), options).GetChatClient(endpoint.Model).AsIChatClient();
    }
}

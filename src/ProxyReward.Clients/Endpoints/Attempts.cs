using Microsoft.Extensions.AI;

namespace ProxyReward.Clients.Endpoints;

/// <summary>What the retry layer tells the ledger about an answer.</summary>
/// <param name="Retries">Attempts before the one that succeeded.</param>
/// <param name="Latency">Of the attempt that succeeded.</param>
internal readonly record struct Attempts(int Retries, TimeSpan Latency)
{
    private const string Name = "proxyreward.attempts";

    public void AttachTo(ChatResponse response) => (response.AdditionalProperties ??= [])[Name] = this;

    /// <summary>Null where there is no retry layer: a model on this machine.</summary>
    public static Attempts? Of(ChatResponse response) =>
        response.AdditionalProperties?.TryGetValue(Name, out var value) == true && value is Attempts attempts ? attempts : null;
}

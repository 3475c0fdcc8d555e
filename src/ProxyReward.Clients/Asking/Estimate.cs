using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;

namespace ProxyReward.Clients.Asking;

/// <summary>
/// What a stage will take, before it is run (<c>--dry-run</c>). Requests that the cache answers are not counted, repetitions not foreseen.
/// </summary>
/// <param name="Stage">As in the ledger.</param>
/// <param name="Model">The model asked.</param>
/// <param name="Calls">Requests that would go out.</param>
/// <param name="InputTokens">About four bytes of text a token.</param>
/// <param name="OutputTokens">What such replies usually take.</param>
/// <param name="Cost">US dollars; null where the price is unknown.</param>
public sealed record Estimate(string Stage, string Model, long Calls, long InputTokens, long OutputTokens, decimal? Cost)
{
    /// <summary>Adds up requests; those that take nothing are in the cache.</summary>
    internal static Estimate Of(string stage, string model, IEnumerable<TokenEstimate> requests, PriceTable prices)
    {
        var (calls, input, output) = (0L, 0L, 0L);
        foreach (var request in requests.Where(request => request.Total > 0))
        {
            (calls, input, output) = (calls + 1, input + request.Input, output + request.Output);
        }

        return new Estimate(stage, model, calls, input, output, prices.Cost(model, input, output));
    }
}

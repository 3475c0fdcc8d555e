using System.Net;

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>A server that answers with an error which passes.</summary>
/// <param name="wait">How long it asks to be left alone; null: it does not say.</param>
internal sealed class HubBusyException(string message, HttpStatusCode status, TimeSpan? wait) : HttpRequestException(message, null, status)
{
    public TimeSpan? Wait => wait;
}

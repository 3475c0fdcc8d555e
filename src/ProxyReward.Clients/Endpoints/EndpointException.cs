namespace ProxyReward.Clients.Endpoints;

/// <summary>
/// An endpoint failed in spite of retries (exit code 1): what was answered before is kept, so running again asks only for the rest.
/// </summary>
public sealed class EndpointException : Exception
{
    /// <inheritdoc/>
    public EndpointException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public EndpointException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public EndpointException()
    {
    }
}

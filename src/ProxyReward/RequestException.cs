namespace ProxyReward;

/// <summary>
/// The request was wrong (exit code 2): a file, flag, key or value. The message names the place and the mend and is all a user sees.
/// </summary>
public sealed class RequestException : Exception
{
    /// <inheritdoc/>
    public RequestException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public RequestException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public RequestException()
    {
    }
}

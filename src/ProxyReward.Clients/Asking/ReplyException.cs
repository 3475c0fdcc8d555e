namespace ProxyReward.Clients.Asking;

/// <summary>What a model said could not be understood, or breaks a rule of what was asked; the message says which.</summary>
public sealed class ReplyException : Exception
{
    /// <inheritdoc/>
    public ReplyException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public ReplyException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public ReplyException()
    {
    }
}

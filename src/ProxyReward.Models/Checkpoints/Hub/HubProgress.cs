namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>How much of a file has arrived, in bytes; <paramref name="Total"/> is null where the server does not say.</summary>
public sealed record HubProgress(string File, long Done, long? Total)
{
    /// <summary>Something to say about the file, once, in place of how much has arrived.</summary>
    public string? Note { get; init; }
}

namespace ProxyReward.Models.Checkpoints;

/// <summary>Something that may be refused, where the refusal is an answer as well.</summary>
internal static class Refusal
{
    /// <summary>The value, or why there is none.</summary>
    public static (T? Value, string? Why) Of<T>(Func<T> work)
    {
        try
        {
            return (work(), null);
        }
        catch (RequestException e)
        {
            return (default, e.Message);
        }
    }
}

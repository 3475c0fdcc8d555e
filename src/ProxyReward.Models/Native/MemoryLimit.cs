namespace ProxyReward.Models.Native;

/// <summary>What this process may use, asked before memory is taken: a message then stands where the system would kill the process.</summary>
internal static class MemoryLimit
{
    /// <param name="bytes">About to be taken.</param>
    /// <param name="what">For what.</param>
    /// <param name="mend">The setting to change.</param>
    /// <exception cref="RequestException">There is less.</exception>
    public static void Require(long bytes, string what, string mend)
    {
        // Counts a container's limit as well; what this process holds already is not to be had twice.
        var free = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
        if (bytes > free)
        {
            throw new RequestException($"{what} needs about {Gigabytes(bytes)}, and this process can have {Gigabytes(free)} more: {mend}.");
        }
    }

    private static string Gigabytes(long bytes) => $"{bytes / 1e9:F1} GB";
}

using ProxyReward.Models.Distributed;

namespace ProxyReward.Models.Native;

/// <summary>What this process may use, asked before memory is taken: a message then stands where the system would kill the process.</summary>
public static class MemoryLimit
{
    /// <summary>Bytes that this process may have in all: its share of the machine where a launcher started several on it. Counts a container's limit as well.</summary>
    public static long Bytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Launcher.ProcessesHere(Environment.GetEnvironmentVariable);

    /// <param name="bytes">About to be taken.</param>
    /// <param name="what">For what.</param>
    /// <param name="mend">The setting to change, told the bytes that can be had.</param>
    /// <exception cref="RequestException">There is less.</exception>
    internal static void Require(long bytes, string what, Func<long, string> mend)
    {
        var free = Bytes - Environment.WorkingSet; // what this process holds already is not to be had twice
        if (bytes > free)
        {
            throw new RequestException($"{what} needs about {Gigabytes(bytes)}, and this process can have {Gigabytes(free)} more: {mend(free)}.");
        }
    }

    /// <summary>As messages have it.</summary>
    public static string Gigabytes(long bytes) => FormattableString.Invariant($"{bytes / 1e9:F2} GB");
}

using System.Buffers.Binary;
using ProxyReward.Models.Optimization;
using static TorchSharp.torch;

namespace ProxyReward.Models.Distributed;

/// <summary>
/// Processes that began from other weights, pairs or states would add up gradients of different models and never notice.
/// </summary>
internal static class SameStart
{
    /// <summary>Compares what the processes have read.</summary>
    /// <param name="ranks">The processes.</param>
    /// <param name="weights">The model's, or what of it is trained; fp32, contiguous.</param>
    /// <param name="numbers">What else must be the same.</param>
    /// <exception cref="RequestException">It is not the same everywhere.</exception>
    public static void Require(Ranks ranks, Tensor weights, params IEnumerable<long> numbers)
    {
        if (ranks.Count == 1)
        {
            return;
        }

        var mine = (double)(BinaryPrimitives.ReadInt64LittleEndian(Fingerprint.Of(weights, "", numbers)) >> 12); // 52 bits are exact
        if (ranks.Gather(mine).Any(other => other != mine))
        {
            throw new RequestException(
                $"process {ranks.Rank} of {ranks.Count} ({Environment.MachineName}): the processes have not read the same model, pairs and training state. Keep them, and --out, on a file system that all machines share.");
        }
    }
}

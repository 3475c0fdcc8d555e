using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ProxyReward.Models.Kernels;
using static TorchSharp.torch;

namespace ProxyReward.Models.Optimization;

/// <summary>SHA-256 of weights and of what else must be the same.</summary>
internal static class Fingerprint
{
    private const int AtOnce = 1 << 24;

    /// <param name="weights">fp32, contiguous.</param>
    /// <param name="words">What is said.</param>
    /// <param name="numbers">What is counted.</param>
    public static byte[] Of(Tensor weights, string words, IEnumerable<long> numbers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(words + '\0'));
        foreach (var some in numbers.Chunk(1 << 16))
        {
            hash.AppendData(MemoryMarshal.AsBytes<long>(some));
        }

        for (var at = 0L; at < weights.numel(); at += AtOnce)
        {
            hash.AppendData(MemoryMarshal.AsBytes(Rows.Floats(weights, at, (int)Math.Min(AtOnce, weights.numel() - at))));
        }

        return hash.GetHashAndReset();
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ProxyReward;

/// <summary>
/// A named stream of random numbers. The stream is a function of the seed and of its names alone, and its n-th number a function
/// of n (SplitMix64 over a counter), so a draw never depends on batch, shard, thread or order. Not thread-safe: one stream, one user.
/// </summary>
public sealed class Draws
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private readonly ulong key;
    private ulong position;

    private Draws(ulong key) => this.key = key;

    /// <summary>Opens the stream of a purpose, for example <c>Draws.Of(seed, "respond", questionId, index)</c>.</summary>
    /// <param name="seed">The recipe's seed.</param>
    /// <param name="names">What the numbers are for; strings and integers.</param>
    public static Draws Of(long seed, params ReadOnlySpan<object> names)
    {
        var text = new StringBuilder().Append(seed);
        foreach (var name in names)
        {
            text.Append('\u001F').Append(name);
        }

        return new Draws(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))));
    }

    /// <summary>The number at a position of the stream, in [0, 1), without moving it.</summary>
    public double UniformAt(long at) => ToUnit(Mix(key + (Golden * (ulong)(at + 1))));

    /// <summary>The next number, in [0, 1).</summary>
    public double Uniform() => ToUnit(Next());

    /// <summary>The next integer, in [0, <paramref name="bound"/>).</summary>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)Math.BigMul(Next(), (ulong)bound, out _);
    }

    /// <summary>The next number of the standard normal distribution (Box–Muller, one of the two).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>One of the items, each as likely.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Puts a list in random order (Fisher–Yates).</summary>
    public void Shuffle<T>(IList<T> items)
    {
        for (var i = items.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private ulong Next() => Mix(key + (Golden * ++position));

    private static double ToUnit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

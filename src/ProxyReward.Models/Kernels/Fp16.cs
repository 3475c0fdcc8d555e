using System.Numerics;

namespace ProxyReward.Models.Kernels;

/// <summary>IEEE half precision, in which some checkpoints are stored: widening is exact, narrowing rounds to nearest even.</summary>
internal static class Fp16
{
    private const uint Fp32Infinity = 0x7F800000;

    /// <summary>Half to fp32, subnormals, infinities and NaN included.</summary>
    public static void Widen(ReadOnlySpan<ushort> from, Span<float> to)
    {
        to = to[..from.Length];
        var i = 0;
        for (; i <= from.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(from[i..]), out var low, out var high);
            Widen(low).CopyTo(to[i..]);
            Widen(high).CopyTo(to[(i + Vector<uint>.Count)..]);
        }

        for (; i < from.Length; i++)
        {
            to[i] = (float)BitConverter.UInt16BitsToHalf(from[i]);
        }
    }

    /// <summary>fp32 to half; what is too large becomes infinity.</summary>
    public static void Narrow(ReadOnlySpan<float> from, Span<ushort> to)
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = BitConverter.HalfToUInt16Bits((Half)from[i]);
        }
    }

    // The exponents of half and fp32 differ by 112: multiplying by 2^112 moves it, and normalises subnormals on the way.
    private static Vector<float> Widen(Vector<uint> half)
    {
        var magnitude = half & new Vector<uint>(0x7FFF);
        var scaled = Vector.AsVectorSingle(magnitude << 13) * new Vector<float>(BitConverter.UInt32BitsToSingle((112 + 127) << 23));
        var isSpecial = Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(0x7C00));
        var bits = Vector.AsVectorUInt32(scaled) | (isSpecial & new Vector<uint>(Fp32Infinity)) | ((half & new Vector<uint>(0x8000)) << 16);
        return Vector.AsVectorSingle(bits);
    }
}

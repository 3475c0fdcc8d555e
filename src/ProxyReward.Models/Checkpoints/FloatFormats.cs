using System.Numerics;
using System.Runtime.InteropServices;

namespace ProxyReward.Models.Checkpoints;

/// <summary>Between fp32 and the 16-bit floats, for whole arrays: widening is exact, narrowing rounds to nearest, ties to even.</summary>
internal static class FloatFormats
{
    private const uint Fp32Infinity = 0x7F800000;

    /// <summary>bfloat16 (the upper half of an fp32) to fp32.</summary>
    public static void WidenBFloat16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var target = MemoryMarshal.Cast<float, uint>(destination[..source.Length]);
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            (low << 16).CopyTo(target[i..]);
            (high << 16).CopyTo(target[(i + Vector<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
        {
            target[i] = (uint)source[i] << 16;
        }
    }

    /// <summary>IEEE half to fp32, subnormals, infinities and NaN included.</summary>
    public static void WidenHalf(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        destination = destination[..source.Length];
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            WidenHalf(low).CopyTo(destination[i..]);
            WidenHalf(high).CopyTo(destination[(i + Vector<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
        }
    }

    /// <summary>fp32 to bfloat16; NaN stays NaN.</summary>
    public static void NarrowToBFloat16(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        var bits = MemoryMarshal.Cast<float, uint>(source);
        var i = 0;
        for (; i <= bits.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var low = NarrowToBFloat16(new Vector<uint>(bits[i..]));
            var high = NarrowToBFloat16(new Vector<uint>(bits[(i + Vector<uint>.Count)..]));
            Vector.Narrow(low, high).CopyTo(destination[i..]);
        }

        for (; i < bits.Length; i++)
        {
            var isNaN = (bits[i] & ~0x80000000) > Fp32Infinity;
            destination[i] = (ushort)((isNaN ? bits[i] | 0x400000 : bits[i] + 0x7FFF + ((bits[i] >> 16) & 1)) >> 16);
        }
    }

    /// <summary>fp32 to IEEE half; what is too large becomes infinity.</summary>
    public static void NarrowToHalf(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = BitConverter.HalfToUInt16Bits((Half)source[i]);
        }
    }

    // The exponents of half and fp32 differ by 112: multiplying by 2^112 moves it, and normalises subnormals on the way.
    private static Vector<float> WidenHalf(Vector<uint> half)
    {
        var magnitude = half & new Vector<uint>(0x7FFF);
        var scaled = Vector.AsVectorSingle(magnitude << 13) * new Vector<float>(BitConverter.UInt32BitsToSingle((112 + 127) << 23));
        var isSpecial = Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(0x7C00));
        var bits = Vector.AsVectorUInt32(scaled) | (isSpecial & new Vector<uint>(Fp32Infinity)) | ((half & new Vector<uint>(0x8000)) << 16);
        return Vector.AsVectorSingle(bits);
    }

    // Adding half of the last kept place, minus one, plus that place's parity: carries exactly when nearest-even rounds up.
    private static Vector<uint> NarrowToBFloat16(Vector<uint> bits)
    {
        var isNaN = Vector.GreaterThan(bits & new Vector<uint>(~0x80000000), new Vector<uint>(Fp32Infinity));
        var rounded = bits + new Vector<uint>(0x7FFF) + ((bits >> 16) & Vector<uint>.One);
        return Vector.ConditionalSelect(isNaN, bits | new Vector<uint>(0x400000), rounded) >> 16;
    }
}

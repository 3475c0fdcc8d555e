using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ProxyReward.Models.Kernels;

/// <summary>bfloat16 is the upper half of a float: widening is exact, narrowing rounds to nearest even as torch does.</summary>
internal static class Bf16
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Narrow(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    public static void Widen(ReadOnlySpan<ushort> from, Span<float> to)
    {
        to = to[..from.Length]; // the vectors are stored without a check
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        var i = 0;
        for (; i <= from.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref source, (nuint)i), out var low, out var high);
            (low << 16).As<uint, float>().StoreUnsafe(ref target, (nuint)i);
            (high << 16).As<uint, float>().StoreUnsafe(ref target, (nuint)(i + Vector<uint>.Count));
        }

        for (; i < from.Length; i++)
        {
            to[i] = Widen(from[i]);
        }
    }

    public static void Narrow(ReadOnlySpan<float> from, Span<ushort> to)
    {
        to = to[..from.Length];
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        var i = 0;
        for (; i <= from.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var low = Rounded(Vector.LoadUnsafe(ref source, (nuint)i));
            var high = Rounded(Vector.LoadUnsafe(ref source, (nuint)(i + Vector<float>.Count)));
            Vector.Narrow(low, high).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < from.Length; i++)
        {
            to[i] = Narrow(from[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Rounded(Vector<float> value)
    {
        var bits = value.As<float, uint>();
        var rounded = (bits + new Vector<uint>(0x7FFF) + ((bits >>> 16) & Vector<uint>.One)) >>> 16;
        return Vector.ConditionalSelect(Vector.Equals(value, value).As<int, uint>(), rounded, new Vector<uint>(0x7FC0));
    }
}

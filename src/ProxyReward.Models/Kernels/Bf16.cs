using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

    /// <summary>Sixteen values from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref ushort from) =>
        (Vector512.WidenLower(Vector256.LoadUnsafe(ref from).ToVector512Unsafe()) << 16).AsSingle();

    public static void Widen(ReadOnlySpan<ushort> from, Span<float> to)
    {
        to = to[..from.Length]; // the vectors are stored without a check
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        var i = 0;
        for (; i <= from.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Load(ref Unsafe.Add(ref source, i)).StoreUnsafe(ref target, (nuint)i);
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
        for (; i <= from.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var value = Vector512.LoadUnsafe(ref source, (nuint)i);
            var bits = value.AsUInt32();
            var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16;
            var exact = Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), rounded, Vector512.Create(0x7FC0u));
            Vector512.Narrow(exact, exact).GetLower().StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < from.Length; i++)
        {
            to[i] = Narrow(from[i]);
        }
    }
}

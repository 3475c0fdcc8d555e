using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ProxyReward.Models.Kernels;

/// <summary>
/// Sums of products with numbers read as they are kept, fp32 or bf16, in 512-bit vectors: for steps of decoding, which read much and multiply little.
/// Numbers are read 32 at a time. Two of bf16 lie in 32 bits, and a shift and a mask widen them: even ones come first then, odd ones after them, and what they are
/// multiplied with is laid in that order beforehand (<see cref="Arrange"/>). Each sum has one order, whatever else is computed.
/// </summary>
internal static unsafe class WideVectors
{
    /// <summary>Rows come in multiples of so many numbers.</summary>
    public const int Step = 32;

    private const int Together = 4; // kept rows that are read at once: with as many inputs, sixteen sums
    private const int RowsAhead = 16; // measured: 4 are too few, 64 no better

    /// <summary>Whether this processor has such vectors, and rows of this length fit them.</summary>
    public static bool Suit(int length) => Vector512.IsHardwareAccelerated && Avx512F.IsSupported && length % Step == 0;

    /// <summary>Puts a row into the order in which kept ones are read, or back.</summary>
    public static void Arrange(ReadOnlySpan<float> from, Span<float> to, bool narrow, bool back = false)
    {
        if (!narrow)
        {
            from.CopyTo(to);
            return;
        }

        const int half = Step / 2;
        for (var at = 0; at < from.Length; at += Step)
        {
            for (var i = 0; i < half; i++)
            {
                if (back)
                {
                    (to[at + (2 * i)], to[at + (2 * i) + 1]) = (from[at + i], from[at + half + i]);
                }
                else
                {
                    (to[at + i], to[at + half + i]) = (from[at + (2 * i)], from[at + (2 * i) + 1]);
                }
            }
        }
    }

    /// <summary>Rows in the order in which kept ones are read: their own memory where that is one and the same.</summary>
    /// <param name="scratch">[rows, length]</param>
    public static float* Arrange(Rows x, bool narrow, float* scratch)
    {
        if (!narrow)
        {
            return x.Contiguous(0, x.Count, scratch);
        }

        var row = new float[x.Columns];
        for (var i = 0; i < x.Count; i++)
        {
            Arrange(x.Read(i, row), new Span<float>(scratch + ((long)i * x.Columns), x.Columns), narrow);
        }

        return scratch;
    }

    /// <summary>y = x·kᵀ.</summary>
    /// <param name="kept">[count, length] as it is kept</param>
    /// <param name="narrow">Whether that is bf16.</param>
    /// <param name="x">[rows, length], arranged</param>
    /// <param name="y">[rows, stride]; up to the next multiple of four columns are written</param>
    public static void Dots(byte* kept, bool narrow, int count, float* x, int rows, int length, float* y, int stride)
    {
        if (narrow)
        {
            Dots<Narrow>(kept, count, x, rows, length, y, stride);
        }
        else
        {
            Dots<Wide>(kept, count, x, rows, length, y, stride);
        }
    }

    /// <summary>y += w·k.</summary>
    /// <param name="kept">[count, length] as it is kept</param>
    /// <param name="narrow">Whether that is bf16.</param>
    /// <param name="w">[count]</param>
    /// <param name="y">[length], arranged</param>
    public static void Mix(byte* kept, bool narrow, int count, float* w, int length, float* y)
    {
        for (var at = 0; at < length; at += Step)
        {
            if (narrow)
            {
                Mix<Narrow>(kept + (at * Narrow.Size), count, w, length, y + at);
            }
            else
            {
                Mix<Wide>(kept + (at * Wide.Size), count, w, length, y + at);
            }
        }
    }

    private static void Dots<TKept>(byte* kept, int count, float* x, int rows, int length, float* y, int stride)
        where TKept : struct, IKept
    {
        var row = (long)length * TKept.Size;
        for (var i = 0; i < count; i += Together)
        {
            // What is missing of the last four is the last row again; what it gives is written beyond the end.
            byte* a = kept + (i * row), b = kept + (Math.Min(i + 1, count - 1) * row), c = kept + (Math.Min(i + 2, count - 1) * row), d = kept + (Math.Min(i + 3, count - 1) * row);
            var r = 0;
            for (; r <= rows - Together; r += Together)
            {
                FourByFour<TKept>(a, b, c, d, x + ((long)r * length), length, y + (r * stride) + i, stride, r == 0 ? RowsAhead * row : 0);
            }

            for (; r < rows; r++)
            {
                FourByOne<TKept>(a, b, c, d, x + ((long)r * length), length, y + (r * stride) + i, r == 0 ? RowsAhead * row : 0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // alone, its sums stay in registers
    private static void FourByOne<TKept>(byte* a, byte* b, byte* c, byte* d, float* x, int length, float* y, long ahead)
        where TKept : struct, IKept
    {
        Vector512<float> sa = default, sb = default, sc = default, sd = default;
        for (var at = 0; at < length; at += Step)
        {
            var offset = (long)at * TKept.Size;
            Fetch(a + offset, b + offset, c + offset, d + offset, ahead);
            Vector512<float> first = Vector512.Load(x + at), second = Vector512.Load(x + at + Vector512<float>.Count);
            sa = Vector512.FusedMultiplyAdd(TKept.Second(a + offset), second, Vector512.FusedMultiplyAdd(TKept.First(a + offset), first, sa));
            sb = Vector512.FusedMultiplyAdd(TKept.Second(b + offset), second, Vector512.FusedMultiplyAdd(TKept.First(b + offset), first, sb));
            sc = Vector512.FusedMultiplyAdd(TKept.Second(c + offset), second, Vector512.FusedMultiplyAdd(TKept.First(c + offset), first, sc));
            sd = Vector512.FusedMultiplyAdd(TKept.Second(d + offset), second, Vector512.FusedMultiplyAdd(TKept.First(d + offset), first, sd));
        }

        Sums(sa, sb, sc, sd).Store(y);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FourByFour<TKept>(byte* a, byte* b, byte* c, byte* d, float* x, int length, float* y, int stride, long ahead)
        where TKept : struct, IKept
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        float* x1 = x + length, x2 = x1 + length, x3 = x2 + length;
        for (var at = 0; at < length; at += Step)
        {
            var offset = (long)at * TKept.Size;
            Fetch(a + offset, b + offset, c + offset, d + offset, ahead);
            Vector512<float> ka = TKept.First(a + offset), kb = TKept.First(b + offset), kc = TKept.First(c + offset), kd = TKept.First(d + offset);
            var v = Vector512.Load(x + at);
            a0 = Vector512.FusedMultiplyAdd(ka, v, a0);
            b0 = Vector512.FusedMultiplyAdd(kb, v, b0);
            c0 = Vector512.FusedMultiplyAdd(kc, v, c0);
            d0 = Vector512.FusedMultiplyAdd(kd, v, d0);
            v = Vector512.Load(x1 + at);
            a1 = Vector512.FusedMultiplyAdd(ka, v, a1);
            b1 = Vector512.FusedMultiplyAdd(kb, v, b1);
            c1 = Vector512.FusedMultiplyAdd(kc, v, c1);
            d1 = Vector512.FusedMultiplyAdd(kd, v, d1);
            v = Vector512.Load(x2 + at);
            a2 = Vector512.FusedMultiplyAdd(ka, v, a2);
            b2 = Vector512.FusedMultiplyAdd(kb, v, b2);
            c2 = Vector512.FusedMultiplyAdd(kc, v, c2);
            d2 = Vector512.FusedMultiplyAdd(kd, v, d2);
            v = Vector512.Load(x3 + at);
            a3 = Vector512.FusedMultiplyAdd(ka, v, a3);
            b3 = Vector512.FusedMultiplyAdd(kb, v, b3);
            c3 = Vector512.FusedMultiplyAdd(kc, v, c3);
            d3 = Vector512.FusedMultiplyAdd(kd, v, d3);

            (ka, kb, kc, kd) = (TKept.Second(a + offset), TKept.Second(b + offset), TKept.Second(c + offset), TKept.Second(d + offset));
            v = Vector512.Load(x + at + Vector512<float>.Count);
            a0 = Vector512.FusedMultiplyAdd(ka, v, a0);
            b0 = Vector512.FusedMultiplyAdd(kb, v, b0);
            c0 = Vector512.FusedMultiplyAdd(kc, v, c0);
            d0 = Vector512.FusedMultiplyAdd(kd, v, d0);
            v = Vector512.Load(x1 + at + Vector512<float>.Count);
            a1 = Vector512.FusedMultiplyAdd(ka, v, a1);
            b1 = Vector512.FusedMultiplyAdd(kb, v, b1);
            c1 = Vector512.FusedMultiplyAdd(kc, v, c1);
            d1 = Vector512.FusedMultiplyAdd(kd, v, d1);
            v = Vector512.Load(x2 + at + Vector512<float>.Count);
            a2 = Vector512.FusedMultiplyAdd(ka, v, a2);
            b2 = Vector512.FusedMultiplyAdd(kb, v, b2);
            c2 = Vector512.FusedMultiplyAdd(kc, v, c2);
            d2 = Vector512.FusedMultiplyAdd(kd, v, d2);
            v = Vector512.Load(x3 + at + Vector512<float>.Count);
            a3 = Vector512.FusedMultiplyAdd(ka, v, a3);
            b3 = Vector512.FusedMultiplyAdd(kb, v, b3);
            c3 = Vector512.FusedMultiplyAdd(kc, v, c3);
            d3 = Vector512.FusedMultiplyAdd(kd, v, d3);
        }

        Sums(a0, b0, c0, d0).Store(y);
        Sums(a1, b1, c1, d1).Store(y + stride);
        Sums(a2, b2, c2, d2).Store(y + (2 * stride));
        Sums(a3, b3, c3, d3).Store(y + (3 * stride));
    }

    /// <summary>Has the second cache fetch what is read soon: the processor alone follows four rows too slowly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(byte* a, byte* b, byte* c, byte* d, long ahead)
    {
        if (ahead != 0)
        {
            Sse.Prefetch1(a + ahead);
            Sse.Prefetch1(b + ahead);
            Sse.Prefetch1(c + ahead);
            Sse.Prefetch1(d + ahead);
        }
    }

    /// <summary>The sum of each of four vectors.</summary>
    private static Vector128<float> Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        var ab = (Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b)).AsDouble(); // a + a, b + b, a + a, b + b in each quarter
        var cd = (Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d)).AsDouble();
        var quarters = Avx512F.UnpackLow(ab, cd).AsSingle() + Avx512F.UnpackHigh(ab, cd).AsSingle();
        var halves = quarters.GetLower() + quarters.GetUpper();
        return halves.GetLower() + halves.GetUpper();
    }

    /// <summary>32 numbers of y; every other row has sums of its own, so that one addition need not wait for the other.</summary>
    private static void Mix<TKept>(byte* kept, int count, float* w, int length, float* y)
        where TKept : struct, IKept
    {
        var row = (long)length * TKept.Size;
        Vector512<float> first = Vector512.Load(y), second = Vector512.Load(y + Vector512<float>.Count), otherFirst = default, otherSecond = default;
        var i = 0;
        for (; i <= count - 2; i += 2, kept += 2 * row)
        {
            Vector512<float> v = Vector512.Create(w[i]), other = Vector512.Create(w[i + 1]);
            first = Vector512.FusedMultiplyAdd(v, TKept.First(kept), first);
            second = Vector512.FusedMultiplyAdd(v, TKept.Second(kept), second);
            otherFirst = Vector512.FusedMultiplyAdd(other, TKept.First(kept + row), otherFirst);
            otherSecond = Vector512.FusedMultiplyAdd(other, TKept.Second(kept + row), otherSecond);
        }

        if (i < count)
        {
            first = Vector512.FusedMultiplyAdd(Vector512.Create(w[i]), TKept.First(kept), first);
            second = Vector512.FusedMultiplyAdd(Vector512.Create(w[i]), TKept.Second(kept), second);
        }

        (first + otherFirst).Store(y);
        (second + otherSecond).Store(y + Vector512<float>.Count);
    }

    /// <summary>How 32 numbers are read.</summary>
    private interface IKept
    {
        /// <summary>Bytes of a number.</summary>
        static abstract int Size { get; }

        /// <summary>Those that are multiplied first.</summary>
        static abstract Vector512<float> First(byte* at);

        /// <summary>The others.</summary>
        static abstract Vector512<float> Second(byte* at);
    }

    private readonly struct Narrow : IKept
    {
        public static int Size => sizeof(ushort);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> First(byte* at) => (Vector512.Load((uint*)at) << 16).AsSingle();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Second(byte* at) => (Vector512.Load((uint*)at) & Vector512.Create(0xFFFF0000u)).AsSingle();
    }

    private readonly struct Wide : IKept
    {
        public static int Size => sizeof(float);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> First(byte* at) => Vector512.Load((float*)at);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Second(byte* at) => Vector512.Load((float*)at + Vector512<float>.Count);
    }
}

using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ProxyReward.Models.Native;
using static TorchSharp.torch;

namespace ProxyReward.Models.Kernels;

/// <summary>
/// y = x·Wᵀ for the few rows of x that a decoding step has: reads the weights once, as they lie, without the packing that a library's product
/// starts with. Each number is one sum in one order whatever the other rows are, so that a response does not depend on its batch.
/// Where there are 512-bit vectors, <see cref="WideVectors"/> does the work; the tiles here are for all other processors.
/// </summary>
internal static unsafe class SkinnyProduct
{
    // Three rows of W by four of x: twelve sums and the operands fill the sixteen registers of AVX2.
    private const int WeightRows = 3;
    private const int InputRows = 4;

    private const int CacheLine = 64;
    private const int CachedWeights = 1 << 14; // numbers of W that stay in the second cache while all of x passes

    /// <summary>Most rows of W that are multiplied at once.</summary>
    public const int Block = 8 * WeightRows;

    /// <summary>Rows up to which this is the faster way: above, libtorch's product is, at once where it multiplies bf16 in hardware.</summary>
    /// <param name="x">[rows, inputs]</param>
    public static bool Suits(Tensor x) => x.is_contiguous() && Suits(x.shape[0], x.dtype);

    /// <param name="type">Of the weights.</param>
    public static bool Suits(long rows, ScalarType type) => rows <= (type == ScalarType.BFloat16 && Processor.HasFastBf16 ? 8 : 64);

    /// <param name="weights">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null</param>
    /// <param name="x">[rows, inputs]</param>
    /// <returns>[rows, outputs] in the type of x</returns>
    public static Tensor Multiply(Tensor weights, Tensor? bias, Tensor x)
    {
        var y = empty(x.shape[0], weights.shape[0], x.dtype, x.device);
        Multiply(new Rows(weights), bias is null ? null : new Rows(bias), new Rows(x), new Rows(y));
        return y;
    }

    /// <param name="weights">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null</param>
    /// <param name="x">[rows, inputs]</param>
    /// <param name="y">[rows, outputs]</param>
    public static void Multiply(Rows weights, Rows? bias, Rows x, Rows y)
    {
        int inputs = weights.Columns, rows = x.Count;
        var wide = WideVectors.Suit(inputs);
        var block = wide ? Block : Math.Clamp(CachedWeights / inputs / WeightRows * WeightRows, WeightRows, Block);
        Parts.For(weights.Count, (_, from, to) =>
        {
            Span<float> wideInputs = x.IsBf16 || wide ? new float[rows * inputs] : [], wideWeights = weights.IsBf16 && !wide ? new float[Block * inputs] : [];
            Span<float> results = new float[rows * Block], biases = new float[Block];
            fixed (float* inputScratch = wideInputs, weightScratch = wideWeights, result = results)
            {
                var input = wide ? WideVectors.Arrange(x, weights.IsBf16, inputScratch) : x.Contiguous(0, rows, inputScratch);
                for (var first = from; first < to; first += block)
                {
                    var count = Math.Min(block, to - first);
                    if (wide)
                    {
                        WideVectors.Dots(weights.At(first), weights.IsBf16, count, input, rows, inputs, result, Block);
                    }
                    else
                    {
                        var ahead = Math.Min(block, to - first - count); // rows that come next: fetched while these are multiplied
                        Multiply(weights.Contiguous(first, count, weightScratch), count, input, rows, inputs, result, weights.At(first + count), ahead * inputs * weights.ElementSize);
                    }

                    for (var row = 0; row < rows; row++)
                    {
                        var block = results.Slice(row * Block, count);
                        if (bias is { } added)
                        {
                            TensorPrimitives.Add(block, added.Read(0, first, count, biases), block);
                        }

                        y.Write(row, first, block);
                    }
                }
            }
        });
    }

    /// <summary>Products of each row of w with each row of x.</summary>
    /// <param name="w">[count ≤ 24, inputs]</param>
    /// <param name="x">[rows, inputs]</param>
    /// <param name="result">[rows, 24]</param>
    /// <param name="next">What is read afterwards.</param>
    /// <param name="nextBytes">Its length; 0 where nothing is known to come.</param>
    public static void Multiply(float* w, int count, float* x, int rows, int inputs, float* result, byte* next = null, int nextBytes = 0)
    {
        var tiles = ((rows / InputRows) + (rows % InputRows)) * ((count / WeightRows) + (count % WeightRows));
        var share = ((nextBytes / tiles) + CacheLine - 1) / CacheLine * CacheLine;
        var sums = stackalloc float[WeightRows * InputRows * Vector<float>.Count];
        for (var row = 0; row < rows;)
        {
            var several = rows - row >= InputRows;
            for (var i = 0; i < count;)
            {
                float* at = w + ((long)i * inputs), to = result + (row * Block) + i;
                if (count - i < WeightRows)
                {
                    for (var r = 0; r < (several ? InputRows : 1); r++)
                    {
                        to[r * Block] = Dot(at, x + ((row + r) * inputs), inputs);
                    }

                    i++;
                    continue;
                }

                for (var stop = Math.Min(share, nextBytes); stop > 0; stop -= CacheLine, nextBytes -= CacheLine, next += CacheLine)
                {
                    if (Sse.IsSupported)
                    {
                        Sse.Prefetch1(next);
                    }
                }

                // The tiles leave vectors of sums in memory: a call inside them would make the compiler keep them there all along.
                if (several)
                {
                    ThreeByFour(at, x + (row * inputs), inputs, sums);
                }
                else
                {
                    ThreeByOne(at, x + (row * inputs), inputs, sums);
                }

                Finish(sums, several ? InputRows : 1, at, x + (row * inputs), inputs, to);
                i += WeightRows;
            }

            row += several ? InputRows : 1;
        }
    }

    private static void ThreeByFour(float* w, float* x, int n, float* sums)
    {
        Vector<float> s00 = default, s01 = default, s02 = default, s10 = default, s11 = default, s12 = default;
        Vector<float> s20 = default, s21 = default, s22 = default, s30 = default, s31 = default, s32 = default;
        float* w1 = w + n, w2 = w1 + n, x1 = x + n, x2 = x1 + n, x3 = x2 + n;
        var i = 0;
        for (; i <= n - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> a = Vector.Load(w + i), b = Vector.Load(w1 + i), c = Vector.Load(w2 + i);
            var v = Vector.Load(x + i);
            s00 = Vector.FusedMultiplyAdd(a, v, s00);
            s01 = Vector.FusedMultiplyAdd(b, v, s01);
            s02 = Vector.FusedMultiplyAdd(c, v, s02);
            v = Vector.Load(x1 + i);
            s10 = Vector.FusedMultiplyAdd(a, v, s10);
            s11 = Vector.FusedMultiplyAdd(b, v, s11);
            s12 = Vector.FusedMultiplyAdd(c, v, s12);
            v = Vector.Load(x2 + i);
            s20 = Vector.FusedMultiplyAdd(a, v, s20);
            s21 = Vector.FusedMultiplyAdd(b, v, s21);
            s22 = Vector.FusedMultiplyAdd(c, v, s22);
            v = Vector.Load(x3 + i);
            s30 = Vector.FusedMultiplyAdd(a, v, s30);
            s31 = Vector.FusedMultiplyAdd(b, v, s31);
            s32 = Vector.FusedMultiplyAdd(c, v, s32);
        }

        Vector.Store(s00, sums);
        Vector.Store(s01, sums + Vector<float>.Count);
        Vector.Store(s02, sums + (2 * Vector<float>.Count));
        Vector.Store(s10, sums + (3 * Vector<float>.Count));
        Vector.Store(s11, sums + (4 * Vector<float>.Count));
        Vector.Store(s12, sums + (5 * Vector<float>.Count));
        Vector.Store(s20, sums + (6 * Vector<float>.Count));
        Vector.Store(s21, sums + (7 * Vector<float>.Count));
        Vector.Store(s22, sums + (8 * Vector<float>.Count));
        Vector.Store(s30, sums + (9 * Vector<float>.Count));
        Vector.Store(s31, sums + (10 * Vector<float>.Count));
        Vector.Store(s32, sums + (11 * Vector<float>.Count));
    }

    private static void ThreeByOne(float* w, float* x, int n, float* sums)
    {
        Vector<float> s0 = default, s1 = default, s2 = default;
        float* w1 = w + n, w2 = w1 + n;
        var i = 0;
        for (; i <= n - Vector<float>.Count; i += Vector<float>.Count)
        {
            var v = Vector.Load(x + i);
            s0 = Vector.FusedMultiplyAdd(Vector.Load(w + i), v, s0);
            s1 = Vector.FusedMultiplyAdd(Vector.Load(w1 + i), v, s1);
            s2 = Vector.FusedMultiplyAdd(Vector.Load(w2 + i), v, s2);
        }

        Vector.Store(s0, sums);
        Vector.Store(s1, sums + Vector<float>.Count);
        Vector.Store(s2, sums + (2 * Vector<float>.Count));
    }

    private static float Dot(float* w, float* x, int n)
    {
        Vector<float> sum = default;
        var i = 0;
        for (; i <= n - Vector<float>.Count; i += Vector<float>.Count)
        {
            sum = Vector.FusedMultiplyAdd(Vector.Load(w + i), Vector.Load(x + i), sum);
        }

        return Vector.Sum(sum) + Rest(w, x, i, n);
    }

    /// <summary>The sum of each vector of sums, and what is left of it after whole vectors.</summary>
    private static void Finish(float* sums, int rows, float* w, float* x, int n, float* result)
    {
        var rest = n - (n % Vector<float>.Count);
        for (var o = 0; o < WeightRows; o++)
        {
            var vectors = sums + (o * Vector<float>.Count);
            if (rows == InputRows && rest == n && Avx.IsSupported && Vector<float>.Count == Vector256<float>.Count)
            {
                // Four at once, added in the order of Vector.Sum.
                const int next = WeightRows * 8;
                var first = Avx.HorizontalAdd(Vector256.Load(vectors), Vector256.Load(vectors + next));
                var second = Avx.HorizontalAdd(Vector256.Load(vectors + (2 * next)), Vector256.Load(vectors + (3 * next)));
                var both = Avx.HorizontalAdd(first, second);
                var four = both.GetLower() + both.GetUpper();
                result[o] = four[0];
                result[o + Block] = four[1];
                result[o + (2 * Block)] = four[2];
                result[o + (3 * Block)] = four[3];
                continue;
            }

            for (var r = 0; r < rows; r++)
            {
                result[(r * Block) + o] = Vector.Sum(Vector.Load(vectors + (r * WeightRows * Vector<float>.Count))) + Rest(w + (o * n), x + (r * n), rest, n);
            }
        }
    }

    /// <summary>What is left of a sum after whole vectors.</summary>
    private static float Rest(float* w, float* x, int from, int n)
    {
        var sum = 0f;
        for (var i = from; i < n; i++)
        {
            sum += w[i] * x[i];
        }

        return sum;
    }
}

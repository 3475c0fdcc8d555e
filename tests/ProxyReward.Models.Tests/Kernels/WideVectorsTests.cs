using ProxyReward.Models.Kernels;
using ProxyReward.Models.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace ProxyReward.Models.Tests.Kernels;

/// <summary>Sums of products with kept numbers against sums in double precision; on processors with 512-bit vectors.</summary>
public sealed class WideVectorsTests
{
    private const float Untouched = 77;

    public static TheoryData<int, int, int, bool> Sizes => [.. from rows in (int[])[1, 3, 4, 9] from count in (int[])[1, 4, 7] from length in (int[])[32, 96] from narrow in (bool[])[false, true] select (rows, count, length, narrow)];

    [Theory]
    [MemberData(nameof(Sizes))]
    public unsafe void Dots_are_those_of_the_kept_numbers(int rows, int count, int length, bool narrow)
    {
        var (kept, exact) = Kept(count, length, narrow);
        using (kept)
        {
            var x = Numbers(rows * length, 2);
            var arranged = new float[x.Length];
            var stride = (count + 3) / 4 * 4;
            var y = Enumerable.Repeat(Untouched, (rows * stride) + 1).ToArray();
            for (var row = 0; row < rows; row++)
            {
                WideVectors.Arrange(x.AsSpan(row * length, length), arranged.AsSpan(row * length), narrow);
            }

            fixed (float* input = arranged, output = y)
            {
                WideVectors.Dots(new Rows(kept).At(0), narrow, count, input, rows, length, output, stride);
            }

            for (var row = 0; row < rows; row++)
            {
                for (var i = 0; i < count; i++)
                {
                    var expected = Enumerable.Range(0, length).Sum(n => (double)x[(row * length) + n] * exact[(i * length) + n]);
                    Assert.Equal(expected, y[(row * stride) + i], 1e-4);
                }
            }

            Assert.Equal(Untouched, y[^1]);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public unsafe void A_mixture_is_added_to_what_is_there(int rows, int count, int length, bool narrow)
    {
        var (kept, exact) = Kept(count, length, narrow);
        using (kept)
        {
            float[] weights = Numbers(count, rows), start = Numbers(length, 5), y = new float[length], result = new float[length];
            WideVectors.Arrange(start, y, narrow);
            fixed (float* weight = weights, output = y)
            {
                WideVectors.Mix(new Rows(kept).At(0), narrow, count, weight, length, output);
            }

            WideVectors.Arrange(y, result, narrow, back: true);
            for (var n = 0; n < length; n++)
            {
                Assert.Equal(start[n] + Enumerable.Range(0, count).Sum(i => (double)weights[i] * exact[(i * length) + n]), result[n], 1e-4);
            }
        }
    }

    private static (Tensor Kept, float[] Exact) Kept(int count, int length, bool narrow)
    {
        Assert.SkipUnless(WideVectors.Suit(length), "this processor has no 512-bit vectors");
        NativeEngine.Load();
        var kept = tensor(Numbers(count * length, 1)).view(count, length).to(narrow ? bfloat16 : float32);
        using var exact = kept.to(float32);
        return (kept, Rows.Floats(exact).ToArray());
    }

    private static float[] Numbers(int count, int seed)
    {
        var draws = Draws.Of(seed, "wide vectors");
        return [.. Enumerable.Range(0, count).Select(_ => (float)draws.Normal())];
    }
}

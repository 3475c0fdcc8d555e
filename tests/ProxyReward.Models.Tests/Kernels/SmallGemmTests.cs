using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Tests.Kernels;

/// <summary>The products of attention against sums in double precision. Vectors of 512 bits are emulated where there are none: the numbers are the same.</summary>
public sealed unsafe class SmallGemmTests
{
    [Theory]
    [InlineData(1, 16, 5)]
    [InlineData(3, 64, 7)]
    [InlineData(4, 16, 1)]
    [InlineData(7, 48, 33)]
    [InlineData(8, 80, 12)]
    public void Adds_the_product_whether_a_is_transposed_or_not(int m, int n, int k)
    {
        foreach (var (aRow, aColumn) in ((int, int)[])[(k, 1), (1, m)])
        {
            var draws = Draws.Of(m, "small gemm");
            float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)draws.Normal())];
            float[] a = Numbers(m * k), b = Numbers(k * n), c = Numbers(m * n);
            float[] wide = [.. c], portable = [.. c], chosen = [.. c];
            fixed (float* pa = a, pb = b, pw = wide, pp = portable, pc = chosen)
            {
                SmallGemm.Add<WideTiles>(pa, aRow, aColumn, pb, n, pw, n, m, n, k);
                SmallGemm.Add<PortableTiles>(pa, aRow, aColumn, pb, n, pp, n, m, n, k);
                SmallGemm.Add(pa, aRow, aColumn, pb, n, pc, n, m, n, k);
            }

            Assert.Equal(wide, portable);
            Assert.Equal(wide, chosen);
            for (var i = 0; i < m * n; i++)
            {
                var expected = c[i] + Enumerable.Range(0, k).Sum(p => (double)a[(i / n * aRow) + (p * aColumn)] * b[(p * n) + (i % n)]);
                Assert.Equal(expected, wide[i], 1e-4);
            }
        }
    }
}

using ProxyReward.Models.Kernels;

namespace ProxyReward.Models.Tests.Kernels;

/// <summary>The products of attention against sums in double precision, with and without AVX-512.</summary>
public sealed unsafe class PortableGemmTests
{
    [Theory]
    [InlineData(1, 16, 5)]
    [InlineData(3, 64, 7)]
    [InlineData(4, 16, 1)]
    [InlineData(7, 48, 33)]
    [InlineData(8, 80, 12)]
    public void Adds_the_product_whether_a_is_transposed_or_not(int m, int n, int k)
    {
        var draws = Draws.Of(m, "portable gemm");
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)draws.Normal())];
        float[] a = Numbers(m * k), b = Numbers(k * n), c = Numbers(m * n);
        foreach (var portable in (bool[])[true, false])
        {
            foreach (var (aRow, aColumn) in ((int, int)[])[(k, 1), (1, m)])
            {
                float[] result = [.. c];
                fixed (float* pa = a, pb = b, pc = result)
                {
                    if (portable)
                    {
                        PortableGemm.Add(pa, aRow, aColumn, pb, n, pc, n, m, n, k);
                    }
                    else
                    {
                        SmallGemm.Add(pa, aRow, aColumn, pb, n, pc, n, m, n, k);
                    }
                }

                for (var i = 0; i < m * n; i++)
                {
                    var expected = c[i] + Enumerable.Range(0, k).Sum(p => (double)a[(i / n * aRow) + (p * aColumn)] * b[(p * n) + (i % n)]);
                    Assert.Equal(expected, result[i], 1e-4);
                }
            }
        }
    }
}

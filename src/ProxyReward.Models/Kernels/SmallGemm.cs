using System.Runtime.Intrinsics;

namespace ProxyReward.Models.Kernels;

/// <summary>
/// Matrix products of the sizes that attention has, where a library call costs more than the work: C += A·B in fp32, four rows by thirty-two
/// columns of C held in registers.
/// </summary>
internal static unsafe class SmallGemm
{
    /// <summary>Columns of B and C come in multiples of this.</summary>
    public const int Lane = 16;

    /// <param name="a">[m, k]; element (i, p) at i · aRow + p · aColumn, so that it may be a transpose</param>
    /// <param name="b">[k, n], rows contiguous</param>
    /// <param name="c">[m, n], rows contiguous, added to</param>
    /// <param name="n">A multiple of <see cref="Lane"/>.</param>
    public static void Add(float* a, int aRow, int aColumn, float* b, int bRow, float* c, int cRow, int m, int n, int k)
    {
        if (!Vector512.IsHardwareAccelerated)
        {
            PortableGemm.Add(a, aRow, aColumn, b, bRow, c, cRow, m, n, k);
            return;
        }

        var i = 0;
        for (; i <= m - 4; i += 4)
        {
            var j = 0;
            for (; j <= n - (2 * Lane); j += 2 * Lane)
            {
                FourByTwo(a + (i * aRow), aRow, aColumn, b + j, bRow, c + (i * cRow) + j, cRow, k);
            }

            for (; j < n; j += Lane)
            {
                for (var row = i; row < i + 4; row++)
                {
                    OneByOne(a + (row * aRow), aColumn, b + j, bRow, c + (row * cRow) + j, k);
                }
            }
        }

        for (; i < m; i++)
        {
            for (var j = 0; j < n; j += Lane)
            {
                OneByOne(a + (i * aRow), aColumn, b + j, bRow, c + (i * cRow) + j, k);
            }
        }
    }

    private static void FourByTwo(float* a, int aRow, int aColumn, float* b, int bRow, float* c, int cRow, int k)
    {
        Vector512<float> c00 = Vector512.Load(c), c01 = Vector512.Load(c + Lane);
        Vector512<float> c10 = Vector512.Load(c + cRow), c11 = Vector512.Load(c + cRow + Lane);
        Vector512<float> c20 = Vector512.Load(c + (2 * cRow)), c21 = Vector512.Load(c + (2 * cRow) + Lane);
        Vector512<float> c30 = Vector512.Load(c + (3 * cRow)), c31 = Vector512.Load(c + (3 * cRow) + Lane);
        for (var p = 0; p < k; p++, a += aColumn, b += bRow)
        {
            Vector512<float> b0 = Vector512.Load(b), b1 = Vector512.Load(b + Lane);
            var x = Vector512.Create(a[0]);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            x = Vector512.Create(a[aRow]);
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            x = Vector512.Create(a[2 * aRow]);
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            x = Vector512.Create(a[3 * aRow]);
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
        }

        c00.Store(c);
        c01.Store(c + Lane);
        c10.Store(c + cRow);
        c11.Store(c + cRow + Lane);
        c20.Store(c + (2 * cRow));
        c21.Store(c + (2 * cRow) + Lane);
        c30.Store(c + (3 * cRow));
        c31.Store(c + (3 * cRow) + Lane);
    }

    private static void OneByOne(float* a, int aColumn, float* b, int bRow, float* c, int k)
    {
        var sum = Vector512.Load(c);
        for (var p = 0; p < k; p++, a += aColumn, b += bRow)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), Vector512.Load(b), sum);
        }

        sum.Store(c);
    }
}

using System.Runtime.Intrinsics;

namespace ProxyReward.Models.Kernels;

/// <summary>Tiles of 512-bit vectors, for processors with AVX-512; elsewhere they are emulated through memory and slow.</summary>
internal readonly unsafe struct WideTiles : IGemmTiles
{
    public static int Lane => Vector512<float>.Count;

    public static void FourByTwo(float* a, int aRow, int aColumn, float* b, int bRow, float* c, int cRow, int k)
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

    public static void OneByFour(float* a, int aColumn, float* b, int bRow, float* c, int k)
    {
        Vector512<float> c0 = Vector512.Load(c), c1 = Vector512.Load(c + Lane), c2 = Vector512.Load(c + (2 * Lane)), c3 = Vector512.Load(c + (3 * Lane));
        for (var p = 0; p < k; p++, a += aColumn, b += bRow)
        {
            var x = Vector512.Create(a[0]);
            c0 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b), c0);
            c1 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + Lane), c1);
            c2 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + (2 * Lane)), c2);
            c3 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + (3 * Lane)), c3);
        }

        c0.Store(c);
        c1.Store(c + Lane);
        c2.Store(c + (2 * Lane));
        c3.Store(c + (3 * Lane));
    }

    public static void OneByOne(float* a, int aColumn, float* b, int bRow, float* c, int k)
    {
        var sum = Vector512.Load(c);
        for (var p = 0; p < k; p++, a += aColumn, b += bRow)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), Vector512.Load(b), sum);
        }

        sum.Store(c);
    }
}

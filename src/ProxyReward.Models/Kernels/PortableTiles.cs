using System.Numerics;

namespace ProxyReward.Models.Kernels;

/// <summary>Tiles of the vectors that the processor has: eight floats with AVX2, four with NEON.</summary>
internal readonly unsafe struct PortableTiles : IGemmTiles
{
    public static int Lane => Vector<float>.Count;

    public static void FourByTwo(float* a, int aRow, int aColumn, float* b, int bRow, float* c, int cRow, int k)
    {
        float* c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
        Vector<float> c00 = Vector.Load(c), c01 = Vector.Load(c + Lane), c10 = Vector.Load(c1), c11 = Vector.Load(c1 + Lane);
        Vector<float> c20 = Vector.Load(c2), c21 = Vector.Load(c2 + Lane), c30 = Vector.Load(c3), c31 = Vector.Load(c3 + Lane);
        for (var p = 0; p < k; p++, a += aColumn, b += bRow)
        {
            Vector<float> b0 = Vector.Load(b), b1 = Vector.Load(b + Lane);
            var x = Vector.Create(a[0]);
            c00 = Vector.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector.FusedMultiplyAdd(x, b1, c01);
            x = Vector.Create(a[aRow]);
            c10 = Vector.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector.FusedMultiplyAdd(x, b1, c11);
            x = Vector.Create(a[2 * aRow]);
            c20 = Vector.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector.FusedMultiplyAdd(x, b1, c21);
            x = Vector.Create(a[3 * aRow]);
            c30 = Vector.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector.FusedMultiplyAdd(x, b1, c31);
        }

        Vector.Store(c00, c);
        Vector.Store(c01, c + Lane);
        Vector.Store(c10, c1);
        Vector.Store(c11, c1 + Lane);
        Vector.Store(c20, c2);
        Vector.Store(c21, c2 + Lane);
        Vector.Store(c30, c3);
        Vector.Store(c31, c3 + Lane);
    }

    public static void OneByFour(float* a, int aColumn, float* b, int bRow, float* c, int k)
    {
        Vector<float> c0 = Vector.Load(c), c1 = Vector.Load(c + Lane), c2 = Vector.Load(c + (2 * Lane)), c3 = Vector.Load(c + (3 * Lane));
        for (var p = 0; p < k; p++, a += aColumn, b += bRow)
        {
            var x = Vector.Create(a[0]);
            c0 = Vector.FusedMultiplyAdd(x, Vector.Load(b), c0);
            c1 = Vector.FusedMultiplyAdd(x, Vector.Load(b + Lane), c1);
            c2 = Vector.FusedMultiplyAdd(x, Vector.Load(b + (2 * Lane)), c2);
            c3 = Vector.FusedMultiplyAdd(x, Vector.Load(b + (3 * Lane)), c3);
        }

        Vector.Store(c0, c);
        Vector.Store(c1, c + Lane);
        Vector.Store(c2, c + (2 * Lane));
        Vector.Store(c3, c + (3 * Lane));
    }

    public static void OneByOne(float* a, int aColumn, float* b, int bRow, float* c, int k)
    {
        var sum = Vector.Load(c);
        for (var p = 0; p < k; p++, a += aColumn, b += bRow)
        {
            sum = Vector.FusedMultiplyAdd(Vector.Create(a[0]), Vector.Load(b), sum);
        }

        Vector.Store(sum, c);
    }
}

using System.Runtime.Intrinsics;

namespace ProxyReward.Models.Kernels;

/// <summary>
/// Matrix products of the sizes that attention has, where a library call costs more than the work: C += A·B in fp32, four rows by two
/// vectors of C held in registers. Each number is one sum over k in order, whatever the vectors.
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
        if (Vector512.IsHardwareAccelerated)
        {
            Add<WideTiles>(a, aRow, aColumn, b, bRow, c, cRow, m, n, k);
        }
        else
        {
            Add<PortableTiles>(a, aRow, aColumn, b, bRow, c, cRow, m, n, k);
        }
    }

    /// <summary>The same with given vectors.</summary>
    public static void Add<TTiles>(float* a, int aRow, int aColumn, float* b, int bRow, float* c, int cRow, int m, int n, int k)
        where TTiles : struct, IGemmTiles
    {
        var i = 0;
        for (; i <= m - 4; i += 4)
        {
            var j = 0;
            for (; j <= n - (2 * TTiles.Lane); j += 2 * TTiles.Lane)
            {
                TTiles.FourByTwo(a + (i * aRow), aRow, aColumn, b + j, bRow, c + (i * cRow) + j, cRow, k);
            }

            for (; j < n; j += TTiles.Lane)
            {
                for (var row = i; row < i + 4; row++)
                {
                    TTiles.OneByOne(a + (row * aRow), aColumn, b + j, bRow, c + (row * cRow) + j, k);
                }
            }
        }

        for (; i < m; i++)
        {
            var j = 0;
            for (; j <= n - (4 * TTiles.Lane); j += 4 * TTiles.Lane)
            {
                TTiles.OneByFour(a + (i * aRow), aColumn, b + j, bRow, c + (i * cRow) + j, k);
            }

            for (; j < n; j += TTiles.Lane)
            {
                TTiles.OneByOne(a + (i * aRow), aColumn, b + j, bRow, c + (i * cRow) + j, k);
            }
        }
    }
}

/// <summary>Parts of a product that fit into registers, in rows of A by vectors of B; all add to C.</summary>
internal unsafe interface IGemmTiles
{
    /// <summary>Floats of a vector; divides <see cref="SmallGemm.Lane"/>.</summary>
    static abstract int Lane { get; }

    /// <summary>Four rows by two vectors.</summary>
    static abstract void FourByTwo(float* a, int aRow, int aColumn, float* b, int bRow, float* c, int cRow, int k);

    /// <summary>One row by four vectors.</summary>
    static abstract void OneByFour(float* a, int aColumn, float* b, int bRow, float* c, int k);

    /// <summary>One row by one vector.</summary>
    static abstract void OneByOne(float* a, int aColumn, float* b, int bRow, float* c, int k);
}

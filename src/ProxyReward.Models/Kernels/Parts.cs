using TorchSharp;

namespace ProxyReward.Models.Kernels;

/// <summary>Splits rows over the threads that libtorch uses as well, always at the same places: sums over parts are then the same every time.</summary>
internal static class Parts
{
    /// <summary>How many parts work is split into.</summary>
    public static int Count => torch.get_num_threads();

    /// <summary>Runs <paramref name="work"/>(part, from, to) over <paramref name="rows"/> rows, one part per thread.</summary>
    public static void For(int rows, Action<int, int, int> work) => For(rows, Count, work);

    /// <summary>The same with a given number of parts.</summary>
    public static void For(int rows, int parts, Action<int, int, int> work)
    {
        if (parts == 1 || rows < 2)
        {
            work(0, 0, rows);
            return;
        }

        Parallel.For(0, parts, part => work(part, (int)((long)rows * part / parts), (int)((long)rows * (part + 1) / parts)));
    }
}

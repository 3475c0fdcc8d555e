namespace ProxyReward.Models.Tests.Checkpoints;

/// <summary>Reads what a stranger may have made: it must come to an end, and take no more memory than such a file can need.</summary>
internal static class Bounded
{
    // Far beyond any machine's pace: who is not done by then never will be.
    private static readonly TimeSpan Forever = TimeSpan.FromMinutes(5);

    /// <summary>What the reading threw, or null.</summary>
    /// <param name="read">The reading.</param>
    /// <param name="fileBytes">Size of the file: what four weights a byte take in fp32, several times over, and a library's own buffers are allowed.</param>
    public static Exception? Try(Action read, long fileBytes)
    {
        var (error, taken) = ((Exception?)null, 0L);
        var thread = new Thread(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            error = Record.Exception(read);
            taken = GC.GetAllocatedBytesForCurrentThread() - before;
        });
        thread.Start();
        Assert.True(thread.Join(Forever), "reading it does not end");
        Assert.InRange(taken, 0, (64L << 20) + (64 * fileBytes));
        return error;
    }
}

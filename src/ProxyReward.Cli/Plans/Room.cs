namespace ProxyReward.Cli.Plans;

/// <summary>What a run may take.</summary>
/// <param name="Memory">Bytes this process may have.</param>
/// <param name="Disk">Bytes free where the run is written.</param>
internal sealed record Room(long Memory, long Disk)
{
    /// <param name="folder">The run folder; it need not be there yet.</param>
    /// <param name="memory">Bytes this process may have.</param>
    public static Room For(string folder, long memory)
    {
        var there = Path.GetFullPath(folder);
        while (!Directory.Exists(there))
        {
            there = Path.GetDirectoryName(there)!;
        }

        return new(memory, new DriveInfo(there).AvailableFreeSpace);
    }
}

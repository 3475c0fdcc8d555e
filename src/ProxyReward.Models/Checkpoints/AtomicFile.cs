namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// Writes a file under a temporary name and renames it when it is whole: whoever opens the name finds all of it or none. The temporary name is always the
/// same, so that what a kill left is written over by the next who writes, and held: of two writers at once the second one fails.
/// </summary>
internal static class AtomicFile
{
    public static void Write(string path, Action<FileStream> write)
    {
        var partial = path + ".partial";
        var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        try
        {
            using (file)
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }
}

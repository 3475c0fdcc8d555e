namespace ProxyReward.Models.Checkpoints;

/// <summary>Writes a file under a temporary name and renames it when it is whole: whoever opens the name finds all of it or none.</summary>
internal static class AtomicFile
{
    public static void Write(string path, Action<FileStream> write)
    {
        var partial = $"{path}.{Environment.ProcessId}.partial";
        try
        {
            using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
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

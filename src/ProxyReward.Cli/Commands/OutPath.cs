using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands;

/// <summary>Where a command was told to write.</summary>
internal static class OutPath
{
    /// <summary>Makes a folder, unless it is there.</summary>
    /// <param name="option">The option that named it, for the message.</param>
    /// <exception cref="RequestException">It cannot be made.</exception>
    public static void CreateFolder(string option, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{option}: {folder} cannot be made ({e.Message}); name a folder that can be written.", e);
        }
    }

    /// <summary>Makes sure that a file can be written, and makes its folder: asked before the work whose result it gets.</summary>
    /// <param name="option">The option that named it, for the message.</param>
    /// <exception cref="RequestException">It cannot be written, or a run's own files are there.</exception>
    public static void PrepareFile(string option, string path)
    {
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
        {
            throw new RequestException($"{option}: {path} is a folder; name a file in it.");
        }

        var file = Path.GetFullPath(path);
        if (RunFolder.Holding(file) is { } run)
        {
            throw new RequestException($"{option}: {path} lies in the run folder {run}, where only the run itself writes. Name a file outside of it.");
        }

        CreateFolder(option, Path.GetDirectoryName(file)!);
        try
        {
            using var probe = new FileStream(file + ".partial", FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{option}: {path} cannot be written ({e.Message}); name another file.", e);
        }
    }
}

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
}

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>What mends a file of a model that is damaged: the words for messages.</summary>
internal static class DamagedFile
{
    /// <summary>"fetch it again …": with the command that does so where the file lies in the cache of the Hub.</summary>
    /// <param name="path">The file, or its model's folder.</param>
    public static string Mend(string path) => "fetch it again " + (Command(path) is { } command ? $"with '{command}'" : "from where the model came from");

    // CACHE/models--OWNER--NAME/snapshots/COMMIT/FILE
    private static string? Command(string path)
    {
        for (var folder = path; folder is { Length: > 0 }; folder = Path.GetDirectoryName(folder))
        {
            if (HubModel.OfSnapshot(folder) is { } model)
            {
                var isGguf = path.EndsWith(".gguf", StringComparison.Ordinal);
                return $"models pull {model}{(isGguf ? $" --file {Path.GetRelativePath(folder, path).Replace('\\', '/')}" : "")}";
            }
        }

        return null;
    }
}

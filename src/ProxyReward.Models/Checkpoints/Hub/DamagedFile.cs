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
        var parts = path.Split('/', Path.DirectorySeparatorChar);
        var at = Array.FindLastIndex(parts, part => part.StartsWith(HubCache.Prefix, StringComparison.Ordinal));
        return at >= 0 && at + 2 < parts.Length && parts[at + 1] == HubCache.Snapshots
            && HubModel.TryParse($"{parts[at][HubCache.Prefix.Length..].Replace(HubCache.Slash, "/", StringComparison.Ordinal)}@{parts[at + 2]}") is { } model
            ? $"models pull {model}{(path.EndsWith(".gguf", StringComparison.Ordinal) ? $" --file {string.Join('/', parts[(at + 3)..])}" : "")}"
            : null;
    }
}

namespace ProxyReward.Models.Checkpoints.Hub;

/// <summary>
/// The cache that Hugging Face's tools share, for one model: <c>blobs/HASH</c> hold the bytes, <c>snapshots/COMMIT/NAME</c> link to them,
/// <c>refs/REVISION</c> say which commit a branch or tag was.
/// </summary>
internal sealed class HubCache(string cache, HubModel model)
{
    public const string Prefix = "models--", Slash = "--", Snapshots = "snapshots";

    private readonly string root = Path.Combine(cache, Prefix + model.Id.Replace("/", Slash, StringComparison.Ordinal));

    /// <summary>What a file of a snapshot must hash to, by the name of the blob it links to; null where it is no link.</summary>
    public static string? ChecksumOf(string path) => Path.GetFileName(new FileInfo(path).LinkTarget) is { } blob && Checksum.Is(blob) ? blob : null;

    public string Blob(string hash) => Path.Combine(root, "blobs", hash);

    public string Snapshot(string commit) => Path.Combine(root, Snapshots, commit);

    /// <summary>The snapshot of the model's revision; null where it was never fetched.</summary>
    public string? Find()
    {
        var reference = Reference;
        var commit = File.Exists(reference) ? File.ReadAllText(reference).Trim() : model.Revision;
        return commit.Length > 0 && Path.GetFileName(commit) == commit && Directory.Exists(Snapshot(commit)) ? Snapshot(commit) : null;
    }

    /// <summary>Makes a blob appear as a file of a snapshot.</summary>
    public void Link(string commit, string name, string hash)
    {
        var link = Path.Combine(Snapshot(commit), name);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.Delete(link);
        try
        {
            File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, Blob(hash)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Copy(Blob(hash), link); // Windows lets only some users make links
        }
    }

    /// <summary>Remembers which commit the revision is.</summary>
    public void Remember(string commit)
    {
        if (commit != model.Revision)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Reference)!);
            AtomicFile.Write(Reference, file => file.Write(System.Text.Encoding.ASCII.GetBytes(commit)));
        }
    }

    private string Reference => Path.Combine(root, "refs", model.Revision);
}

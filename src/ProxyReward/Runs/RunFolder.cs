namespace ProxyReward.Runs;

/// <summary>A run as a folder on disk.</summary>
public sealed class RunFolder(string folder) : IRunStore
{
    private readonly string folder = Path.GetFullPath(folder);

    /// <summary>The run folder that a path lies in; null where it lies in none.</summary>
    public static string? Holding(string path)
    {
        var above = Path.GetDirectoryName(Path.GetFullPath(path));
        while (above is not null && !(File.Exists(Path.Combine(above, Run.RecipeName)) && File.Exists(Path.Combine(above, RunCard.FileName))))
        {
            above = Path.GetDirectoryName(above);
        }

        return above;
    }

    /// <inheritdoc/>
    public string PathOf(string name) => Path.Combine(folder, name);

    /// <inheritdoc/>
    public bool Exists(string name) => Path.Exists(PathOf(name));

    /// <inheritdoc/>
    public byte[] Read(string name) => File.Exists(PathOf(name)) ? File.ReadAllBytes(PathOf(name)) : [];

    /// <inheritdoc/>
    public void Append(string name, ReadOnlySpan<byte> bytes)
    {
        using var file = new FileStream(Prepared(name), FileMode.Append, FileAccess.Write, FileShare.Read);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Cut(string name, long length)
    {
        using var file = new FileStream(PathOf(name), FileMode.Open, FileAccess.Write);
        file.SetLength(length);
        file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        var partial = Prepared(name) + ".partial";
        using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, PathOf(name), overwrite: true);
    }

    /// <inheritdoc/>
    public void Publish(string folder, string name) => Directory.Move(PathOf(folder), PathOf(name));

    /// <inheritdoc/>
    public void Remove(string folder)
    {
        if (Directory.Exists(PathOf(folder)))
        {
            Directory.Delete(PathOf(folder), recursive: true);
        }
    }

    private string Prepared(string name)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}

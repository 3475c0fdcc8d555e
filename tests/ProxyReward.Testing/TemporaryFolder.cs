namespace ProxyReward.Testing;

/// <summary>A folder that is gone after the test.</summary>
/// <param name="inMemory">Keeps small files in memory where the system can, so that thousands of flushes to disk cost nothing.</param>
public sealed class TemporaryFolder(bool inMemory = false) : IDisposable
{
    private const string Memory = "/dev/shm";

    /// <summary>Its full path.</summary>
    public string Path { get; } = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory($"{Memory}/proxyreward-{Guid.NewGuid():N}").FullName
        : Directory.CreateTempSubdirectory("proxyreward-").FullName;

    /// <summary>A path inside it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}

namespace ProxyReward.Runs;

/// <summary>
/// The files of a run, by name relative to its folder. Each method is one step that either happened or did not when the process is
/// killed, but for <see cref="Append"/>, which may leave a torn end. One user at a time.
/// </summary>
public interface IRunStore
{
    /// <summary>The full path of a file or folder, for messages and for those who write folders themselves.</summary>
    string PathOf(string name);

    /// <summary>Whether there is such a file or folder.</summary>
    bool Exists(string name);

    /// <summary>The bytes of a file; none where it is absent.</summary>
    byte[] Read(string name);

    /// <summary>Adds bytes at the end, on disk when it returns.</summary>
    void Append(string name, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts a file to a length.</summary>
    void Cut(string name, long length);

    /// <summary>Writes a file whole, replacing one that is there.</summary>
    void Write(string name, ReadOnlySpan<byte> bytes);

    /// <summary>Gives a finished folder its final name.</summary>
    void Publish(string folder, string name);

    /// <summary>Removes a folder with what is in it, if it is there.</summary>
    void Remove(string folder);
}

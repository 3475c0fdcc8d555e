using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// A file mapped for reading. Every access is checked against the length at opening, and <see cref="CheckUnchanged"/> against the
/// length now: touching a mapping beyond the end of a shortened file kills the process, so it must never happen. Thread-safe for reading.
/// </summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    private readonly FileStream stream;
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;
    private readonly byte* start;

    public MappedFile(string path)
    {
        Path = path;
        stream = Open(path);
        Length = stream.Length;
        if (Length == 0)
        {
            return; // an empty file cannot be mapped
        }

        try
        {
            map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            view = map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            view?.Dispose();
            map?.Dispose();
            stream.Dispose();
            throw new RequestException($"{path}: the file cannot be mapped into memory ({e.Message}); copy it to a local disk.", e);
        }
    }

    public string Path { get; }

    /// <summary>Bytes, when it was opened.</summary>
    public long Length { get; }

    /// <summary>Bytes in place, without a copy; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes(long offset, int count)
    {
        ObjectDisposedException.ThrowIf(stream.SafeFileHandle.IsClosed, this);
        if (offset < 0 || count < 0 || offset > Length - count)
        {
            throw new RequestException($"{Path}: bytes {offset} to {offset + count} lie beyond its end ({Length} bytes); the file is cut short: {DamagedFile.Mend(Path)}.");
        }

        return new ReadOnlySpan<byte>(start + offset, count);
    }

    /// <summary>
    /// Says that some bytes were read for now: their pages no longer count as this process's memory, where they would stand beside the weights that were made of
    /// them. Reading them again is slower, nothing else. Elsewhere than on Linux this does nothing.
    /// </summary>
    public void Release(long offset, long count)
    {
        const int noLongerNeeded = 4; // MADV_DONTNEED
        var page = Environment.SystemPageSize;
        var (first, end) = ((offset + page - 1) / page * page, (offset + count) / page * page);
        if (OperatingSystem.IsLinux() && first < end)
        {
            _ = Advise((nint)(start + first), (nuint)(end - first), noLongerNeeded);
        }
    }

    /// <summary>Throws where the file has become shorter since it was opened.</summary>
    public void CheckUnchanged()
    {
        ObjectDisposedException.ThrowIf(stream.SafeFileHandle.IsClosed, this);
        if (RandomAccess.GetLength(stream.SafeFileHandle) < Length)
        {
            throw new RequestException($"{Path}: the file was shortened while it was open; {DamagedFile.Mend(Path)} and start anew.");
        }
    }

    public void Dispose()
    {
        if (view is not null && !stream.SafeFileHandle.IsClosed)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        view?.Dispose();
        map?.Dispose();
        stream.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{path}: cannot be opened ({e.Message}).", e);
        }
    }
}

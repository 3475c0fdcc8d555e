using System.Diagnostics;

namespace ProxyReward.Runs;

/// <summary>Holds a run folder for one process. The operating system lets go of it when the process ends, however it ends.</summary>
public sealed class RunLock : IDisposable
{
    // Beside the lock, because a file that is locked cannot be read.
    private const string HolderSuffix = "-holder";
    private readonly FileStream held;

    private RunLock(FileStream held) => this.held = held;

    /// <summary>Takes the folder, which is made if absent; waits for a short while if another process has it.</summary>
    /// <exception cref="RequestException">Another process keeps it, or the folder cannot be written.</exception>
    public static async Task<RunLock> TakeAsync(string folder, TimeSpan patience, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Make(folder), ".lock");
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                File.WriteAllText(path + HolderSuffix, $"process {Environment.ProcessId} on {Environment.MachineName}");
                return new RunLock(file);
            }
            catch (IOException) when (waited.Elapsed < patience)
            {
                await Task.Delay(100, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw new RequestException(
                    $"{folder}: {Holder(path)} is writing this run. Wait for it, or choose another folder with --out.", e);
            }
            catch (UnauthorizedAccessException e)
            {
                throw Unwritable(folder, e);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(held.Name + HolderSuffix);
        held.Dispose();
    }

    private static string Make(string folder)
    {
        try
        {
            return Directory.CreateDirectory(folder).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(folder, e);
        }
    }

    private static RequestException Unwritable(string folder, Exception e) =>
        new($"{folder}: this folder cannot be written ({e.Message}). Choose another with --out.", e);

    private static string Holder(string path)
    {
        try
        {
            return File.ReadAllText(path + HolderSuffix);
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}

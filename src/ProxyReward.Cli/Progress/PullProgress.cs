using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Cli.Progress;

/// <summary>A download as lines: one now and then for each file, one when it has arrived.</summary>
internal sealed class PullProgress(TextWriter to, TimeProvider time) : IProgress<HubProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private long lastLine = time.GetTimestamp();

    /// <inheritdoc/>
    public void Report(HubProgress value)
    {
        if (value.Note is { } note)
        {
            to.WriteLine($"{value.File}: {note}");
        }
        else if (value.Done == value.Total || time.GetElapsedTime(lastLine) >= Pause)
        {
            lastLine = time.GetTimestamp();
            to.WriteLine($"{value.File}: {Megabytes(value.Done)}{(value.Total is { } total && total != value.Done ? $" of {Megabytes(total)}" : "")} MB");
        }
    }

    private static string Megabytes(long bytes) => $"{bytes / 1e6:0.0}";
}

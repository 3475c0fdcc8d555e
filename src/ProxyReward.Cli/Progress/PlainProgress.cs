using ProxyReward.Runs;

namespace ProxyReward.Cli.Progress;

/// <summary>Progress as lines, for pipes and logs: one now and then while work goes on, one when it ends.</summary>
internal sealed class PlainProgress(TextWriter to, TimeProvider time) : ILiveProgress
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private readonly Lock gate = new();
    private Pace? pace;
    private TimeSpan nextLine;

    /// <inheritdoc/>
    public void Begin(Arm arm, Stage stage, string unit, int done, int total)
    {
        pace = new(time, () => Environment.WorkingSet, arm, stage, unit, done, total);
        nextLine = Pause;
        if (done > 0)
        {
            to.WriteLine($"{pace.Title}: {done} of {total} {unit} are there");
        }
    }

    /// <inheritdoc/>
    public void Advance(int items, long tokens)
    {
        lock (gate)
        {
            pace!.Advance(items, tokens);
            if (pace.Elapsed >= nextLine)
            {
                nextLine = pace.Elapsed + Pause;
                to.WriteLine($"{pace.Title}: {pace}");
            }
        }
    }

    /// <inheritdoc/>
    public void End(TimeSpan took) => to.WriteLine($"{pace!.Title}: {pace.Summary(took)}");

    /// <inheritdoc/>
    public void Note(string text) => to.WriteLine(text);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

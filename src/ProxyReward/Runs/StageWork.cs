namespace ProxyReward.Runs;

/// <summary>A stage at work: passes its progress on and says how long it took, whether it ends or is interrupted.</summary>
internal sealed class StageWork : IDisposable
{
    private readonly IRunProgress progress;
    private readonly TimeProvider time;
    private readonly Action<TimeSpan> onEnd;
    private readonly long start;

    /// <param name="place">For whom and for which stage the work is done, and what is counted.</param>
    /// <param name="amount">How many an earlier process did, and how many there are.</param>
    /// <param name="progress">Is told.</param>
    /// <param name="time">Measures it.</param>
    /// <param name="onEnd">Is told last.</param>
    public StageWork(
        (Arm Arm, Stage Stage, string Unit) place, (int Done, int Total) amount, IRunProgress progress, TimeProvider time, Action<TimeSpan> onEnd)
    {
        (this.progress, this.time, this.onEnd) = (progress, time, onEnd);
        start = time.GetTimestamp();
        progress.Begin(place.Arm, place.Stage, place.Unit, amount.Done, amount.Total);
    }

    public void Advance(int items, long tokens = 0) => progress.Advance(items, tokens);

    public void Dispose()
    {
        var took = time.GetElapsedTime(start);
        progress.End(took);
        onEnd(took);
    }
}

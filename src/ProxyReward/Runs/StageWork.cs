namespace ProxyReward.Runs;

/// <summary>A stage at work: passes its progress on and writes its seconds down, whether it ends or is interrupted.</summary>
internal sealed class StageWork : IDisposable
{
    private readonly Run run;
    private readonly Arm arm;
    private readonly Stage stage;
    private readonly long start;

    public StageWork(Run run, Arm arm, Stage stage, string unit, int done, int total)
    {
        (this.run, this.arm, this.stage) = (run, arm, stage);
        start = run.Parts.Time.GetTimestamp();
        run.Progress.Begin(arm, stage, unit, done, total);
    }

    public void Advance(int items, long tokens = 0) => run.Progress.Advance(items, tokens);

    public void Dispose()
    {
        var took = run.Parts.Time.GetElapsedTime(start);
        run.Progress.End(took);
        StageSeconds.Add(run.Store, arm, stage, took);
    }
}

using ProxyReward.Evaluation;
using ProxyReward.Training;

namespace ProxyReward.Runs.Trainings;

/// <summary>
/// What a training tells, in files: training.jsonl, training-eval.jsonl, alarms.jsonl, and all of the numbers once more for TensorBoard.
/// Steps that are told again after a resume are in the files already and stay as they are.
/// </summary>
internal sealed class TrainingLog : ITrainingObserver, IDisposable
{
    public const string StepsName = "training.jsonl";
    public const string ScoresName = "training-eval.jsonl";
    public const string AlarmsName = "alarms.jsonl";

    private readonly IRunStore store;
    private readonly Arm arm;
    private readonly DpoOptions options;
    private readonly IRunProgress progress;
    private readonly Func<string, int, int, StageWork> begin;
    private readonly IReadOnlyList<TrainingExample> pairs;
    private readonly List<TrainingStep> steps;
    private readonly List<DevScore> scores;
    private readonly List<TrainingAlarm> alarms;
    private readonly EventFile events;
    private StageWork? work;
    private int scored;
    private long tokens;

    public TrainingLog(
        IRunStore store, Arm arm, DpoOptions options, IRunProgress progress, TimeProvider time, IReadOnlyList<TrainingExample> pairs, Func<string, int, int, StageWork> begin)
    {
        (this.store, this.arm, this.options, this.progress, this.pairs, this.begin) = (store, arm, options, progress, pairs, begin);
        steps = Jsonl.Resume<TrainingStep>(store, arm.File(StepsName));
        scores = Jsonl.Resume<DevScore>(store, arm.File(ScoresName));
        alarms = Jsonl.Resume<TrainingAlarm>(store, arm.File(AlarmsName));
        events = new(store, arm.File(EventFile.Name), time);
    }

    /// <summary>The scores that are in the file.</summary>
    public IReadOnlyList<DevScore> Scores => [.. scores];

    /// <inheritdoc/>
    public void Scoring(int pairsDone, int pairs)
    {
        if (work is null)
        {
            work = begin("pairs of the reference", pairsDone, pairs);
            scored = pairsDone;
        }

        work.Advance(pairsDone - scored);
        scored = pairsDone;
        if (scored == pairs)
        {
            work.Dispose();
            work = null;
        }
    }

    /// <inheritdoc/>
    public void Begin(TrainingOutline outline)
    {
        if (outline.StepsDone > steps.Count)
        {
            throw Untold(outline.StepsDone);
        }

        events.Resume([.. scores.Select(score => (score.Step, 1, LogEvent.Of("eval", score))).Concat(steps.Select(step => (step.Step, 0, LogEvent.Of("train", step))))
            .OrderBy(line => line.Step).ThenBy(line => line.Item2).Select(line => line.Item3)]);
        foreach (var drop in outline.Drops)
        {
            progress.Note($"{arm.Name}: {drop.Pairs} pairs are left out, {drop.First} the first: {drop.Detail}");
        }

        // An alarm is raised with its step: a kill can have come only between the last one and its alarm.
        Raise([.. TrainingAlarms.OfPlan(options, outline.Steps), .. TrainingAlarms.OfPairs(pairs), .. TrainingAlarms.OfSteps(steps)]);
        tokens = outline.StepsDone == 0 ? 0 : steps[outline.StepsDone - 1].NumTokens;
        work = begin("steps", outline.StepsDone, outline.Steps);
    }

    /// <inheritdoc/>
    public void Stepped(TrainingStep step)
    {
        StartLoss.Check(step, options);
        if (step.Step > steps.Count + 1)
        {
            throw Untold(step.Step - 1);
        }

        if (step.Step == steps.Count + 1)
        {
            Jsonl.Append(store, arm.File(StepsName), [step]);
            steps.Add(step);
            events.Add(LogEvent.Of("train", step));
            Raise(TrainingAlarms.OfSteps(steps));
        }

        work!.Advance(1, step.NumTokens - tokens);
        tokens = step.NumTokens;
    }

    /// <inheritdoc/>
    public void Scored(DevScore score)
    {
        if (scores.Count == 0 || score.Step > scores[^1].Step)
        {
            Jsonl.Append(store, arm.File(ScoresName), [score]);
            scores.Add(score);
            events.Add(LogEvent.Of("eval", score));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => work?.Dispose();

    // Each kind once: what goes on going wrong is no news.
    private void Raise(IEnumerable<TrainingAlarm> raised)
    {
        foreach (var alarm in raised.ExceptBy(alarms.Select(known => known.Name), alarm => alarm.Name, StringComparer.Ordinal).ToList())
        {
            alarms.Add(alarm);
            progress.Note($"warning  {arm.Name}: {alarm.Name}: {alarm.Detail}");
            Jsonl.Write(store, arm.File(AlarmsName), alarms);
        }
    }

    private InvalidOperationException Untold(int step) =>
        new($"{arm.Name}: step {step} is kept, and {store.PathOf(arm.File(StepsName))} ends with step {steps.Count}: its end was cut off. Remove {store.PathOf(arm.File(CheckpointTraining.StateName))} to train from the start.");
}

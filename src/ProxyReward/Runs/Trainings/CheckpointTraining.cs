using ProxyReward.Training;

namespace ProxyReward.Runs.Trainings;

/// <summary>
/// A training that ends with a checkpoint, in a run or without one. Stopped at any moment it goes on from what it kept;
/// it is done when its checkpoint has its final name.
/// </summary>
internal sealed class CheckpointTraining(IRunStore store, Arm arm, DpoOptions options, IRunProgress progress, TimeProvider time)
{
    public const string ResultName = "training.json";

    /// <summary>The folder of what an unfinished training needs.</summary>
    public const string StateName = "training";

    private string State => arm.File(StateName);

    /// <summary>Whether there is nothing left to do.</summary>
    public bool IsDone => store.Exists(arm.Checkpoint) && store.Exists(arm.File(ResultName))
        && Result.Steps == Jsonl.Read<TrainingStep>(store, arm.File(TrainingLog.StepsName)).Count;

    /// <summary>What it did.</summary>
    public TrainingResult Result => JsonFile.Read<TrainingResult>(store, arm.File(ResultName));

    /// <summary>Trains, and publishes the checkpoint.</summary>
    /// <param name="policy">What the training starts from; spent afterwards.</param>
    /// <param name="data">What it is trained on.</param>
    /// <param name="begin">Opens a part of the work, told what is counted, how many were done before and how many there are.</param>
    /// <param name="cancellationToken">Stops between steps, resumable.</param>
    public void Do(IPolicy policy, TrainingData data, Func<string, int, int, StageWork> begin, CancellationToken cancellationToken)
    {
        using var log = new TrainingLog(store, arm, options, progress, time, data.Pairs, begin);
        var result = policy.Train(data with { DevScores = log.Scores }, options, store.PathOf(State), log, cancellationToken);
        var partial = arm.Checkpoint + ".partial";
        store.Remove(partial);
        policy.Save(store.PathOf(partial));
        JsonFile.Write(store, arm.File(ResultName), result);
        store.Remove(arm.Checkpoint);
        store.Publish(partial, arm.Checkpoint);
    }

    /// <summary>Takes part in a training that another process does: the same steps from the same state, and nothing written.</summary>
    public void Follow(IPolicy policy, TrainingData data, CancellationToken cancellationToken)
    {
        try
        {
            policy.Train(data, options, store.PathOf(State), new Unheard(), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The other process was interrupted, and says so.
        }
    }

    /// <summary>Removes what only an unfinished training needs.</summary>
    public void Clear() => store.Remove(State);

    private sealed class Unheard : ITrainingObserver
    {
        public void Scoring(int pairsDone, int pairs)
        {
        }

        public void Begin(TrainingOutline outline)
        {
        }

        public void Stepped(TrainingStep step)
        {
        }

        public void Scored(DevScore score)
        {
        }
    }
}

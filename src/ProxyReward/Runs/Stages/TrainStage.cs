using ProxyReward.Pairs;
using ProxyReward.Runs.Trainings;
using ProxyReward.Training;

namespace ProxyReward.Runs.Stages;

/// <summary>DPO on the pairs. The stage is done when its checkpoint has its final name.</summary>
internal static class TrainStage
{
    /// <summary>Trains an arm's model from the model of another, unless it is there.</summary>
    public static void Train(this Run run, Arm arm, Arm start, IReadOnlyList<TrainingPair> pairs, CancellationToken cancellationToken)
    {
        var training = new CheckpointTraining(run.Store, arm, run.Recipe.Dpo with { Seed = run.Recipe.Seed }, run.Progress, run.Parts.Time);
        if (!training.IsDone)
        {
            if (pairs.Count == 0)
            {
                var funnel = Jsonl.Read<FunnelStep>(run.Store, arm.File("funnel.jsonl"));
                throw new RequestException($"{run.Store.PathOf(arm.File("funnel.jsonl"))}: no pair is left to train on. {EmptyFunnel.Explain(funnel)}");
            }

            try
            {
                training.Do(
                    run.PolicyOf(start, run.Recipe.Dpo.Precision),
                    new TrainingData(pairs),
                    (unit, done, total) => run.Begin(arm, Stage.Train, unit, done, total),
                    cancellationToken);
            }
            finally
            {
                run.DropPolicy();
            }
        }

        training.Clear();
    }

    /// <summary>What the training of an arm did.</summary>
    public static TrainingResult TrainingOf(this Run run, Arm arm) => JsonFile.Read<TrainingResult>(run.Store, arm.File(CheckpointTraining.ResultName));

    /// <summary>The steps of an arm's training.</summary>
    public static IReadOnlyList<TrainingStep> StepsOf(this Run run, Arm arm) => Jsonl.Read<TrainingStep>(run.Store, arm.File(TrainingLog.StepsName));
}

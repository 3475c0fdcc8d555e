using ProxyReward.Training;

namespace ProxyReward.Runs.Stages;

/// <summary>DPO on the pairs. The stage is done when its checkpoint has its final name.</summary>
internal static class TrainStage
{
    private const string LogName = "training.jsonl";
    private const string ResultName = "training.json";

    /// <summary>Trains an arm's model from the model of another, unless it is there.</summary>
    public static void Train(this Run run, Arm arm, Arm start, IReadOnlyList<TrainingPair> pairs, CancellationToken cancellationToken)
    {
        var state = arm.File("training");
        var steps = Jsonl.Resume<TrainingStep>(run.Store, arm.File(LogName)).Count;
        if (!run.Store.Exists(arm.Checkpoint) || !run.Store.Exists(arm.File(ResultName)) || run.TrainingOf(arm).Steps != steps)
        {
            TrainAndSave(run, arm, start, pairs, steps, state, cancellationToken);
        }

        run.Store.Remove(state);
    }

    /// <summary>What the training of an arm did.</summary>
    public static TrainingResult TrainingOf(this Run run, Arm arm) => JsonFile.Read<TrainingResult>(run.Store, arm.File(ResultName));

    /// <summary>The steps of an arm's training.</summary>
    public static IReadOnlyList<TrainingStep> StepsOf(this Run run, Arm arm) => Jsonl.Read<TrainingStep>(run.Store, arm.File(LogName));

    private static void TrainAndSave(
        Run run, Arm arm, Arm start, IReadOnlyList<TrainingPair> pairs, int logged, string state, CancellationToken cancellationToken)
    {
        if (pairs.Count == 0)
        {
            throw new RequestException(
                $"{run.Store.PathOf(arm.File("funnel.jsonl"))}: no pair is left to train on; the file says which rule removed what. Raise responses.k or pairs.question_share, or lower pairs.min_gap.");
        }

        var options = run.Recipe.Dpo with { Seed = run.Recipe.Seed };
        var groups = Math.Ceiling(Math.Ceiling((double)pairs.Count / options.BatchSize) / options.GradientAccumulation);
        using var work = run.Begin(arm, Stage.Train, "steps", logged, (int)groups * options.Epochs);
        try
        {
            var policy = run.PolicyOf(start);
            var result = policy.Train(pairs, options, run.Store.PathOf(state), Log, cancellationToken);
            var partial = arm.Checkpoint + ".partial";
            run.Store.Remove(partial);
            policy.Save(run.Store.PathOf(partial));
            JsonFile.Write(run.Store, arm.File(ResultName), result);
            run.Store.Remove(arm.Checkpoint);
            run.Store.Publish(partial, arm.Checkpoint);
        }
        finally
        {
            run.DropPolicy();
        }

        void Log(TrainingStep step)
        {
            StartLoss.Check(step, options);
            if (step.Step > logged + 1)
            {
                throw new InvalidOperationException($"{arm.Name}: step {step.Step} was told after step {logged}: the training kept a state before it told of it.");
            }

            if (step.Step == logged + 1)
            {
                Jsonl.Append(run.Store, arm.File(LogName), [step]);
                logged++;
                work.Advance(1);
            }
        }
    }
}

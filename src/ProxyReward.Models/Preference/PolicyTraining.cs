using ProxyReward.Models.Adapters;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Native;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Transformer;
using ProxyReward.Training;

namespace ProxyReward.Models.Preference;

/// <summary>
/// A training of a model from its pairs to the weights that are kept: steps, scores of the dev pairs, early stop, and a state that an interrupted
/// training goes on from with the same bits. Of several processes the first one
/// writes, and says when to stop; all read the same state. Not thread-safe.
/// </summary>
/// <param name="model">Holds the trained weights afterwards, its adapter merged.</param>
/// <param name="options">Loss, optimizer, schedule, adapter.</param>
/// <param name="folder">Where the state, the log-probs of the reference and the best weights are kept.</param>
/// <param name="saveEvery">How often, where that is quick: <see cref="SavePace"/>.</param>
/// <param name="ranks">The processes that train together.</param>
internal sealed class PolicyTraining(LocalModel model, DpoOptions options, string folder, TimeSpan saveEvery, Ranks ranks)
{
    private readonly string state = Path.Combine(folder, "state.safetensors");

    /// <summary>Trains.</summary>
    /// <param name="data">What it is trained on.</param>
    /// <param name="adapter">What is trained instead of all weights; put on the model.</param>
    /// <param name="observer">Is told.</param>
    /// <param name="cancellationToken">Stops between steps and between batches that are scored; the state is kept first.</param>
    public TrainingResult Run(TrainingData data, LoraAdapter? adapter, ITrainingObserver observer, CancellationToken cancellationToken)
    {
        var (pairs, devPairs) = (new PairTokens(model, data.Pairs, options), new PairTokens(model, data.Dev, options));
        RequireSome(data.Pairs.Count, pairs, "");
        RequireSome(data.Dev.Count, devPairs, "dev ");
        if (ranks.IsFirst)
        {
            Directory.CreateDirectory(folder);
        }

        var plan = new TrainingPlan(pairs.Pairs, options, shuffle: true);
        RequireRoom(plan, pairs.Pairs);
        SameStart.Require(ranks, model.Network.Parameters.Master, plan.MicroBatches.SelectMany(batch => batch.Pairs).Concat(devPairs.Pairs).SelectMany(pair => pair.Numbers).Prepend(plan.Steps));
        var devBatches = DevPairs.BatchesOf(devPairs.Pairs, options);
        var reference = new ReferenceScores(model.Network, folder, new SavePace(saveEvery, TimeProvider.System), ranks)
            .Of([.. plan.MicroBatches, .. devBatches], observer.Scoring, cancellationToken);
        var dev = devBatches.Count > 0 ? new DevPairs(model.Network, devBatches, reference[plan.MicroBatches.Count..], options, ranks) : null;
        using var trainer = new DpoTrainer(model.Network, plan, options, reference[..plan.MicroBatches.Count], adapter, ranks);
        trainer.Resume(state);
        SameStart.Require(ranks, Trained(adapter).Master, trainer.StepsDone);
        observer.Begin(new TrainingOutline(plan.Steps, trainer.StepsDone, [.. pairs.Drops, .. devPairs.Drops]));
        var kept = Train(trainer, plan, dev, data, adapter, observer, cancellationToken);
        return new TrainingResult(trainer.StepsDone, pairs.Pairs.Count, data.Pairs.Count - pairs.Pairs.Count)
        {
            Drops = pairs.Drops,
            DevPairs = devPairs.Pairs.Count,
            KeptStep = kept,
            Precision = ReferenceEquals(model.Network.Parameters.Compute, model.Network.Parameters.Master) ? "fp32" : "bf16",
            TrainedParameters = Trained(adapter).Layout.Size,
        };
    }

    /// <returns>The step whose weights are kept.</returns>
    private int Train(
        DpoTrainer trainer, TrainingPlan plan, DevPairs? dev, TrainingData data, LoraAdapter? adapter, ITrainingObserver observer, CancellationToken cancellationToken)
    {
        var course = new DevCourse(data.DevOptions);
        foreach (var score in data.DevScores.Where(score => score.Step <= trainer.StepsDone))
        {
            course.Add(score);
        }

        var best = dev is not null && data.DevOptions.Keep == KeptWeights.Best && ranks.IsFirst ? new BestWeights(folder, Trained(adapter), course.Best?.Step) : null;
        var every = data.DevOptions.EverySteps > 0 ? data.DevOptions.EverySteps : plan.Steps / options.Epochs;
        var pace = new SavePace(saveEvery, TimeProvider.System);
        try
        {
            ScoreIfDue(); // the start; or a step whose score was interrupted
            while (ranks.FirstSays(trainer.StepsDone < plan.Steps && !course.IsOver))
            {
                ranks.StopIfInterrupted(cancellationToken);
                observer.Stepped(trainer.Step());
                ScoreIfDue();
                if (pace.IsDue)
                {
                    pace.Save(SaveState);
                }
            }
        }
        catch (OperationCanceledException)
        {
            SaveState();
            ranks.Meet(); // who leaves early ends the others
            throw;
        }

        if (best is null || course.Best!.Step == trainer.StepsDone)
        {
            return trainer.StepsDone;
        }

        best.Load(course.Best.Step);
        return course.Best.Step;

        void ScoreIfDue()
        {
            var step = trainer.StepsDone;
            var isDue = !(course.Last?.Step >= step) && (step % every == 0 || step == plan.Steps);
            if (dev is null || !ranks.FirstSays(isDue)) // the first process alone has read which scores are there
            {
                return;
            }

            var score = dev.Score(step, step == 0 ? 0 : plan.EpochAfter(step - 1), cancellationToken);
            if (course.Add(score))
            {
                best?.Keep(step); // before anybody hears of the score: a log that is read again speaks of weights that are there
            }

            observer.Scored(score);
        }

        void SaveState()
        {
            if (ranks.IsFirst)
            {
                trainer.SaveState(state);
                best?.StateIsKept();
            }
        }
    }

    private void RequireRoom(TrainingPlan plan, IReadOnlyList<TokenPair> pairs)
    {
        MemoryPlan Foretold(DpoOptions changed) => MemoryPlan.Training(
            model.Network.Config, model.Network.Parameters.Compute.dtype, RowsWith(changed), changed.ActivationCheckpointing, changed.Lora is { } lora ? LoraConfig.Of(lora) : null);

        // Of other batches, the largest pairs together.
        long RowsWith(DpoOptions changed) => changed.BatchSize == options.BatchSize && changed.MaxLength == options.MaxLength
            ? plan.LargestRows
            : pairs.Select(pair => Math.Min(changed.MaxLength - pair.Prompt.Count, pair.Chosen.Count) is var chosen and > 0
                    ? PairBatch.RowsOf(pair.Prompt.Count, chosen, Math.Min(changed.MaxLength - pair.Prompt.Count, pair.Rejected.Count)) : 0)
                .OrderDescending().Take(changed.BatchSize).Sum() is var rows and > 0 ? rows : plan.LargestRows; // nothing is left that could be trained on
        static int Longest(TokenPair pair) => pair.Prompt.Count + Math.Max(pair.Chosen.Count, pair.Rejected.Count);

        var asked = Foretold(options);
        MemoryLimit.Require(
            asked.BesideWeights,
            $"training with {options.BatchSize} pairs a micro-batch",
            free => MemoryMend.Text(MemoryMend.OfTraining(options, pairs.Max(Longest), Foretold, asked.Peak - asked.BesideWeights + free)));
    }

    private Parameters Trained(LoraAdapter? adapter) => adapter?.Parameters ?? model.Network.Parameters;

    private static void RequireSome(int given, PairTokens pairs, string kind)
    {
        if (given > 0 && pairs.Pairs.Count == 0)
        {
            throw new RequestException(
                $"none of the {given} {kind}pairs can be trained on: {string.Join("; ", pairs.Drops.Select(drop => $"{drop.Pairs} ({drop.First} the first): {drop.Detail}"))}");
        }
    }
}

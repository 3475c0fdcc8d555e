using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Native;
using ProxyReward.Models.Optimization;
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
/// <param name="folder">Where the state is kept.</param>
/// <param name="saveEvery">How often, where that is quick: <see cref="SavePace"/>.</param>
/// <param name="ranks">The processes that train together.</param>
internal sealed class PolicyTraining(LocalModel model, DpoOptions options, string folder, TimeSpan saveEvery, Ranks ranks)
{
    private const string Weights = "weights";
    private readonly string state = Path.Combine(folder, "state.safetensors");
    private readonly string best = Path.Combine(folder, "best.safetensors");

    /// <summary>Trains.</summary>
    /// <param name="data">What it is trained on.</param>
    /// <param name="adapter">What is trained instead of all weights; put on the model.</param>
    /// <param name="observer">Is told.</param>
    /// <param name="cancellationToken">Stops between steps; the state is kept first.</param>
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
        SameStart.Require(ranks, model.Network.Parameters.Master, [plan.Steps, .. plan.MicroBatches.SelectMany(batch => batch.Pairs).Concat(devPairs.Pairs).SelectMany(Numbers)]);
        var dev = devPairs.Pairs.Count > 0 ? new DevPairs(model.Network, devPairs.Pairs, options, ranks) : null;
        using var trainer = new DpoTrainer(model.Network, plan, options, cancellationToken, adapter, ranks);
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
        var (course, keepsBest) = (new DevCourse(data.DevOptions), data.DevOptions.Keep == KeptWeights.Best);
        foreach (var score in data.DevScores.Where(score => score.Step <= trainer.StepsDone))
        {
            course.Add(score);
        }

        if (dev is not null && course.Best is null)
        {
            Take(dev.Start);
        }

        var every = data.DevOptions.EverySteps > 0 ? data.DevOptions.EverySteps : plan.Steps / options.Epochs;
        for (var pace = new SavePace(saveEvery, TimeProvider.System); ranks.FirstSays(trainer.StepsDone < plan.Steps && !course.IsOver);)
        {
            if (ranks.FirstSays(cancellationToken.IsCancellationRequested))
            {
                SaveState();
                ranks.Meet(); // who leaves early ends the others
                cancellationToken.ThrowIfCancellationRequested();
                return trainer.StepsDone; // only the first process was interrupted, and says so
            }

            observer.Stepped(trainer.Step());
            if (dev is not null && (trainer.StepsDone % every == 0 || trainer.StepsDone == plan.Steps))
            {
                Take(dev.Score(trainer.StepsDone, plan.EpochAfter(trainer.StepsDone - 1), CancellationToken.None));
            }

            if (pace.IsDue)
            {
                pace.Save(SaveState);
            }
        }

        if (!ranks.IsFirst || !keepsBest || course.Best is null || course.Best.Step == trainer.StepsDone)
        {
            return trainer.StepsDone;
        }

        Load(Trained(adapter));
        return course.Best.Step;

        void SaveState()
        {
            if (ranks.IsFirst)
            {
                trainer.SaveState(state);
            }
        }

        void Take(DevScore score)
        {
            observer.Scored(score);
            if (course.Add(score) && keepsBest && ranks.IsFirst)
            {
                Save(Trained(adapter));
            }
        }
    }

    private static IEnumerable<long> Numbers(TokenPair pair) =>
        ((IReadOnlyList<int>[])[pair.Prompt, pair.Chosen, pair.Rejected]).SelectMany(part => part.Select(id => (long)id).Prepend(part.Count));

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

    private void Save(Parameters weights) => SafetensorsWriter.WriteFile(
        best, [.. FlatBuffer.ToWrite(Weights, weights.Master)], SafetensorsType.F32);

    private void Load(Parameters weights)
    {
        using var source = SafetensorsFolder.Open(best);
        FlatBuffer.Read(source, Weights, weights.Master);
        weights.RefreshCompute();
    }

    private static void RequireSome(int given, PairTokens pairs, string kind)
    {
        if (given > 0 && pairs.Pairs.Count == 0)
        {
            throw new RequestException(
                $"none of the {given} {kind}pairs can be trained on: {string.Join("; ", pairs.Drops.Select(drop => $"{drop.Pairs} ({drop.First} the first): {drop.Detail}"))}");
        }
    }
}

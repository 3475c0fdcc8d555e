using ProxyReward.Training;

namespace ProxyReward.Models.Preference;

/// <summary>
/// Which micro-batches make up which step. Which pairs share a micro-batch is drawn once, so that the reference is scored in the very batches
/// that the policy is trained in; the order of the micro-batches is drawn anew for each epoch. Accumulation groups never cross an epoch:
/// the last one of an epoch takes what is left.
/// </summary>
public sealed class TrainingPlan
{
    private readonly int[][] steps;
    private readonly int[] epochOfStep;
    private readonly int warmup;
    private readonly DpoOptions options;

    /// <param name="pairs">Pairs that fit.</param>
    /// <param name="options">Batch size, accumulation, epochs, schedule.</param>
    /// <param name="shuffle">False: pairs in the order of the file, in every epoch.</param>
    /// <param name="maxSteps">Replaces the number of epochs: so many steps, the schedule's end among them.</param>
    /// <param name="sharePrompts">False: each completion has a copy of its prompt (tests and benchmarks compare).</param>
    /// <exception cref="RequestException">There are no pairs.</exception>
    public TrainingPlan(IReadOnlyList<TokenPair> pairs, DpoOptions options, bool shuffle, int? maxSteps = null, bool sharePrompts = true)
    {
        if (pairs.Count == 0)
        {
            throw new RequestException("there are no pairs to train on.");
        }

        this.options = options;
        var order = pairs.ToArray();
        if (shuffle)
        {
            Draws.Of(options.Seed, "pairs").Shuffle(order);
        }

        MicroBatches = [.. order.Chunk(options.BatchSize).Select(chunk => new PairBatch(chunk, sharePrompts))];
        var perEpoch = (MicroBatches.Count + options.GradientAccumulation - 1) / options.GradientAccumulation;
        var total = maxSteps ?? options.Epochs * perEpoch;
        steps = [.. Enumerable.Range(0, (total + perEpoch - 1) / perEpoch)
            .SelectMany(epoch => OrderOf(epoch, shuffle).Chunk(options.GradientAccumulation)).Take(total)];
        epochOfStep = [.. Enumerable.Range(0, steps.Length).Select(step => step / perEpoch)];
        warmup = options.WarmupSteps > 0 ? options.WarmupSteps : (int)Math.Ceiling(options.WarmupRatio * steps.Length);
    }

    /// <summary>All micro-batches.</summary>
    public IReadOnlyList<PairBatch> MicroBatches { get; }

    /// <summary>Input tokens of the largest micro-batch.</summary>
    public int LargestRows => MicroBatches.Max(batch => batch.Packed.Rows);

    /// <summary>Optimizer steps in all.</summary>
    public int Steps => steps.Length;

    /// <summary>The micro-batches of a step, from 0.</summary>
    public IReadOnlyList<int> MicroBatchesOf(int step) => steps[step];

    /// <summary>Epochs done after a step: finished ones, and the share of micro-batches done in the running one.</summary>
    public double EpochAfter(int step)
    {
        var epoch = epochOfStep[step];
        var done = Enumerable.Range(0, step + 1).Where(s => epochOfStep[s] == epoch).Sum(s => steps[s].Length);
        return epoch + ((double)done / MicroBatches.Count);
    }

    /// <summary>The learning rate of a step, from 0: warm-up in a straight line, then the schedule (transformers' definitions).</summary>
    public double LearningRateAt(int step)
    {
        if (step < warmup)
        {
            return options.LearningRate * step / Math.Max(1, warmup);
        }

        var progress = (double)(step - warmup) / Math.Max(1, Steps - warmup);
        return options.LearningRate * options.Schedule switch
        {
            LearningRateSchedule.Linear => Math.Max(0, 1 - progress),
            LearningRateSchedule.Cosine => Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * progress))),
            _ => 1,
        };
    }

    private int[] OrderOf(int epoch, bool shuffle)
    {
        var order = Enumerable.Range(0, MicroBatches.Count).ToArray();
        if (shuffle)
        {
            Draws.Of(options.Seed, "epoch", epoch).Shuffle(order);
        }

        return order;
    }
}

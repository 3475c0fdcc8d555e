using System.Runtime.InteropServices;
using ProxyReward.Models.Adapters;
using ProxyReward.Models.Distributed;
using ProxyReward.Models.Optimization;
using ProxyReward.Models.Transformer;
using ProxyReward.Training;
using static TorchSharp.torch;

namespace ProxyReward.Models.Preference;

/// <summary>
/// Direct preference optimisation (arXiv 2305.18290) of all weights, or of an adapter. The reference is the model as it stands when training begins,
/// without an adapter; its log-probs are scored once, in the batches of the training, so that the first loss is exactly the loss of equal models.
/// Several processes take the micro-batches of a step in turns; their gradients are added up before every one of them does the same optimizer step. Not thread-safe.
/// </summary>
public sealed class DpoTrainer : IDisposable
{
    private readonly LanguageModel model;
    private readonly DpoOptions options;
    private readonly TrainingPlan plan;
    private readonly Ranks ranks;
    private readonly Parameters trained;
    private readonly AdamW optimizer;
    private readonly Gradients gradients;
    private readonly Workspace workspace;
    private readonly double[][] reference;
    private long tokens;

    /// <summary>Scores the reference, then puts the adapter on the model.</summary>
    /// <param name="model">The policy; <see cref="Step"/> changes its weights, or the adapter's.</param>
    /// <param name="plan">What is trained on, step by step.</param>
    /// <param name="adapter">What is trained in place of all weights; stays on the model.</param>
    /// <param name="ranks">The processes that train together; null: this one alone.</param>
    /// <exception cref="RequestException">The adapter asks for dropout, a token is not in the vocabulary, or the model's log-probs are not finite.</exception>
    public DpoTrainer(LanguageModel model, TrainingPlan plan, DpoOptions options, CancellationToken cancellationToken, LoraAdapter? adapter = null, Ranks? ranks = null)
        : this(model, plan, options, [.. ReferenceScores.Score(model, plan.MicroBatches, ranks ?? Ranks.Single, cancellationToken)], adapter, ranks ?? Ranks.Single)
    {
    }

    /// <summary>Puts the adapter on the model.</summary>
    /// <param name="reference">The sums of the plan's micro-batches: <see cref="ReferenceScores"/>.</param>
    internal DpoTrainer(LanguageModel model, TrainingPlan plan, DpoOptions options, double[][] reference, LoraAdapter? adapter, Ranks ranks)
    {
        adapter?.Config.RefuseDropout();
        this.model = model;
        this.options = options;
        this.plan = plan;
        this.reference = reference;
        this.ranks = ranks;
        trained = adapter?.Parameters ?? model.Parameters;
        optimizer = new AdamW(trained, options.AdamBeta1, options.AdamBeta2, options.AdamEpsilon, options.WeightDecay);
        gradients = new Gradients(trained.Layout);
        workspace = new Workspace(plan.LargestRows);
        model.Adapter = adapter;
    }

    /// <summary>Steps that are done.</summary>
    public int StepsDone => optimizer.Steps;

    /// <summary>Gradient of the last step, before clipping.</summary>
    internal Gradients Gradients => gradients;

    /// <summary>Goes on from a saved state, if there is one.</summary>
    public void Resume(string statePath)
    {
        if (TrainingState.TryLoad(statePath, trained, optimizer))
        {
            tokens = Enumerable.Range(0, StepsDone).Sum(TokensOf);
        }
    }

    /// <summary>Keeps weights and moments.</summary>
    public void SaveState(string statePath) => TrainingState.Save(statePath, trained, optimizer);

    /// <summary>One optimizer step.</summary>
    public TrainingStep Step()
    {
        var step = optimizer.Steps;
        var microBatches = plan.MicroBatchesOf(step);
        gradients.Clear();
        var metrics = new Metrics[microBatches.Count];
        for (var i = ranks.Rank; i < microBatches.Count; i += ranks.Count)
        {
            metrics[i] = Backward(plan.MicroBatches[microBatches[i]], reference[microBatches[i]], microBatches.Count);
        }

        gradients.SumOver(ranks);
        ranks.Sum(MemoryMarshal.Cast<Metrics, double>(metrics.AsSpan())); // those of the other processes' micro-batches are zeros here
        var learningRate = plan.LearningRateAt(step);
        var norm = optimizer.Step(gradients, learningRate, options.MaxGradNorm);
        tokens += TokensOf(step);
        double Mean(Func<Metrics, double> value) => metrics.Average(value);
        return new TrainingStep
        {
            Step = step + 1,
            Epoch = plan.EpochAfter(step),
            Loss = Mean(m => m.Loss),
            GradNorm = norm,
            LearningRate = learningRate,
            RewardsChosen = Mean(m => m.RewardChosen),
            RewardsRejected = Mean(m => m.RewardRejected),
            RewardsAccuracies = Mean(m => m.Accuracy),
            RewardsMargins = Mean(m => m.RewardChosen - m.RewardRejected),
            LogpsChosen = Mean(m => m.LogProbChosen),
            LogpsRejected = Mean(m => m.LogProbRejected),
            NumTokens = tokens,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        optimizer.Dispose();
        gradients.Dispose();
        workspace.Dispose();
    }

    private readonly record struct Metrics(
        double Loss, double RewardChosen, double RewardRejected, double Accuracy, double LogProbChosen, double LogProbRejected);

    /// <summary>What a micro-batch leaves for its backward pass.</summary>
    internal Tape NewTape() => new(model.Config, workspace, options.ActivationCheckpointing);

    private Metrics Backward(PairBatch batch, double[] referenceSums, int microBatches)
    {
        using var mode = no_grad();
        using var tape = NewTape();
        using var hidden = model.Forward(batch.Packed, tape);
        using var head = new HeadPass(model.Head, hidden, batch.Scored, gradients);
        var sums = batch.Sum(head.LogProbs);

        var n = batch.Pairs.Count;
        var pairs = batch.Pairs.Select((pair, i) =>
            new PairLogProbs(sums[i], sums[n + i], referenceSums[i], referenceSums[n + i], pair.Chosen.Count, pair.Rejected.Count)).ToArray();
        var losses = PreferenceLoss.Of(pairs, batch.ScoredChosenTokens, options);
        var share = 1.0 / (n * microBatches); // the mean over pairs, then over micro-batches
        var dLogProbs = batch.Spread([.. losses.Select(l => l.ByChosen * share)], [.. losses.Select(l => l.ByRejected * share)]);

        using var dHidden = head.Backward(dLogProbs);
        model.Backward(batch.Packed, tape, dHidden, gradients);

        return new Metrics(
            losses.Average(l => l.Loss),
            pairs.Average(p => options.Beta * p.ChosenLogRatio),
            pairs.Average(p => options.Beta * p.RejectedLogRatio),
            pairs.Average(p => p.ChosenLogRatio > p.RejectedLogRatio ? 1.0 : 0),
            pairs.Average(p => p.PolicyChosen),
            pairs.Average(p => p.PolicyRejected));
    }

    private long TokensOf(int step) => plan.MicroBatchesOf(step).Sum(index => plan.MicroBatches[index].Pairs.Sum(pair => (long)pair.Tokens));
}

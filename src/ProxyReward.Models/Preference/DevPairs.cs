using ProxyReward.Models.Distributed;
using ProxyReward.Models.Transformer;
using ProxyReward.Training;

namespace ProxyReward.Models.Preference;

/// <summary>
/// Pairs that are scored while a model is trained. The reference is the model as it stands when they are made, scored in the same batches
/// as the policy later. Not thread-safe.
/// </summary>
public sealed class DevPairs
{
    private readonly LanguageModel model;
    private readonly DpoOptions options;
    private readonly Ranks ranks;
    private readonly PairBatch[] batches;
    private readonly double[][] reference;

    /// <summary>Scores the reference.</summary>
    /// <param name="model">Without an adapter.</param>
    /// <param name="pairs">At least one, in the order of the file.</param>
    /// <param name="options">The loss, and how many pairs are scored at a time.</param>
    /// <param name="ranks">The processes that train together.</param>
    public DevPairs(LanguageModel model, IReadOnlyList<TokenPair> pairs, DpoOptions options, Ranks ranks)
    {
        (this.model, this.options, this.ranks) = (model, options, ranks);
        batches = [.. pairs.Chunk(options.BatchSize).Select(chunk => new PairBatch(chunk))];
        reference = DpoTrainer.Score(model, batches, ranks, CancellationToken.None);
    }

    /// <summary>The reference itself as the policy: where a training begins.</summary>
    public DevScore Start => ScoreOf(0, 0, reference);

    /// <summary>The pairs under the model as it stands.</summary>
    /// <param name="step">Optimizer steps done.</param>
    /// <param name="epoch">Epochs done.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public DevScore Score(int step, double epoch, CancellationToken cancellationToken) =>
        ScoreOf(step, epoch, DpoTrainer.Score(model, batches, ranks, cancellationToken));

    private DevScore ScoreOf(int step, double epoch, double[][] policy)
    {
        var scored = batches.Select((batch, i) => LogProbsOf(batch, policy[i], reference[i])).ToList();
        var losses = batches.Zip(scored, (batch, pairs) => PreferenceLoss.Of(pairs, batch.ScoredChosenTokens, options)).ToList();
        double Mean(Func<PairLogProbs, double> of) => scored.Average(pairs => pairs.Average(of));
        return new DevScore
        {
            Step = step,
            Epoch = epoch,
            Loss = losses.SelectMany(batch => batch).Average(loss => loss.Loss),
            RewardsChosen = Mean(p => options.Beta * p.ChosenLogRatio),
            RewardsRejected = Mean(p => options.Beta * p.RejectedLogRatio),
            RewardsAccuracies = Mean(p => p.ChosenLogRatio > p.RejectedLogRatio ? 1.0 : 0),
            RewardsMargins = Mean(p => options.Beta * (p.ChosenLogRatio - p.RejectedLogRatio)),
            LogpsChosen = Mean(p => p.PolicyChosen),
            LogpsRejected = Mean(p => p.PolicyRejected),
        };
    }

    private static PairLogProbs[] LogProbsOf(PairBatch batch, double[] policy, double[] reference)
    {
        var n = batch.Pairs.Count;
        return [.. batch.Pairs.Select((pair, i) => new PairLogProbs(policy[i], policy[n + i], reference[i], reference[n + i], pair.Chosen.Count, pair.Rejected.Count))];
    }
}

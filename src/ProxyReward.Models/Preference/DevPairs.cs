using ProxyReward.Models.Distributed;
using ProxyReward.Models.Transformer;
using ProxyReward.Training;

namespace ProxyReward.Models.Preference;

/// <summary>
/// Pairs that are scored while a model is trained, against the reference in the same batches. Not thread-safe.
/// </summary>
/// <param name="model">The policy, as it stands whenever it is scored.</param>
/// <param name="batches">At least one: <see cref="BatchesOf"/>.</param>
/// <param name="reference">Their sums under the reference: <see cref="ReferenceScores"/>.</param>
/// <param name="options">The loss.</param>
/// <param name="ranks">The processes that train together.</param>
internal sealed class DevPairs(LanguageModel model, IReadOnlyList<PairBatch> batches, double[][] reference, DpoOptions options, Ranks ranks)
{
    /// <summary>Pairs in the order of the file, as many at a time as a micro-batch has.</summary>
    public static IReadOnlyList<PairBatch> BatchesOf(IReadOnlyList<TokenPair> pairs, DpoOptions options) =>
        [.. pairs.Chunk(options.BatchSize).Select(chunk => new PairBatch(chunk))];

    /// <summary>The pairs under the model as it stands; before the first step that is the reference.</summary>
    /// <param name="step">Optimizer steps done.</param>
    /// <param name="epoch">Epochs done.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InvalidOperationException">A log-prob is not finite any more.</exception>
    public DevScore Score(int step, double epoch, CancellationToken cancellationToken)
    {
        double[][] policy = step == 0 ? reference : [.. PairScores.Of(model, batches, ranks, cancellationToken)];
        return policy.All(sums => Array.TrueForAll(sums, double.IsFinite)) ? ScoreOf(step, epoch, policy) : throw new InvalidOperationException(
            $"log-probs of the dev pairs are not finite after step {step}: the training diverged. Lower dpo.learning_rate or dpo.max_grad_norm.");
    }

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

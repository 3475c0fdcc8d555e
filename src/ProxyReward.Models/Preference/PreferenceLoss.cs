using ProxyReward.Training;

namespace ProxyReward.Models.Preference;

/// <summary>What a loss sees of a pair: summed log-probs in nats, and the completions' lengths in tokens.</summary>
/// <param name="PolicyChosen">log π(chosen)</param>
/// <param name="PolicyRejected">log π(rejected)</param>
/// <param name="ReferenceChosen">log π_ref(chosen)</param>
/// <param name="ReferenceRejected">log π_ref(rejected)</param>
/// <param name="ChosenTokens">Tokens of the chosen completion, its end token counted.</param>
/// <param name="RejectedTokens">Tokens of the rejected completion.</param>
public readonly record struct PairLogProbs(
    double PolicyChosen, double PolicyRejected, double ReferenceChosen, double ReferenceRejected, int ChosenTokens, int RejectedTokens)
{
    /// <summary>log π(chosen) − log π_ref(chosen)</summary>
    public double ChosenLogRatio => PolicyChosen - ReferenceChosen;

    /// <summary>log π(rejected) − log π_ref(rejected)</summary>
    public double RejectedLogRatio => PolicyRejected - ReferenceRejected;
}

/// <summary>A pair's loss and its derivatives by the policy's two summed log-probs.</summary>
public readonly record struct LossGradient(double Loss, double ByChosen, double ByRejected);

/// <summary>
/// The preference losses, as TRL 1.16 defines them, its <c>sft</c> loss weighted by <c>sft_weight</c>, plus two terms of ours: <c>nll_weight</c> · mean
/// negative log-prob of the chosen tokens, and DPO-positive (arXiv 2402.13228), which subtracts beta · lambda · max(0, log π_ref − log π) of the chosen response inside the loss.
/// </summary>
public static class PreferenceLoss
{
    /// <summary>Loss and derivatives of each pair of a micro-batch, whose loss is the mean over them.</summary>
    /// <param name="microBatch">Its pairs.</param>
    /// <param name="scoredChosenTokens">Tokens that their chosen log-probs are sums over; without a prompt the first of a completion is not scored.</param>
    /// <param name="options">Which loss.</param>
    public static LossGradient[] Of(PairLogProbs[] microBatch, int scoredChosenTokens, DpoOptions options)
    {
        // sft is a mean over the chosen tokens of the whole micro-batch: each pair bears its share of it, times the pairs that the mean divides by.
        var sft = options.SftWeight * microBatch.Length / Math.Max(1, scoredChosenTokens);
        return Array.ConvertAll(microBatch, pair =>
        {
            var (loss, byChosen, byRejected) = Preference(pair, options);
            var nll = sft + (options.NllWeight / Math.Max(1, pair.ChosenTokens));
            return new LossGradient(loss - (nll * pair.PolicyChosen), byChosen - nll, byRejected);
        });
    }

    private static LossGradient Preference(in PairLogProbs pair, DpoOptions options)
    {
        double beta = options.Beta, c = pair.ChosenLogRatio, r = pair.RejectedLogRatio;
        double nc = Math.Max(1, pair.ChosenTokens), nr = Math.Max(1, pair.RejectedTokens);
        var fallen = c < 0 ? options.DpoPositiveLambda : 0;
        var margin = beta * (c - r + (fallen * c));
        switch (options.Loss)
        {
            case DpoLoss.Sigmoid:
                return Chain(LogSigmoidLoss(margin), beta * (1 + fallen), -beta);
            case DpoLoss.Hinge:
                return Chain((Math.Max(0, 1 - margin), margin < 1 ? -1 : 0), beta * (1 + fallen), -beta);
            case DpoLoss.Robust:
                var e = options.LabelSmoothing;
                var (kept, flipped) = (LogSigmoidLoss(margin), LogSigmoidLoss(-margin));
                return Chain(
                    ((((1 - e) * kept.Loss) - (e * flipped.Loss)) / (1 - (2 * e)), (((1 - e) * kept.Slope) + (e * flipped.Slope)) / (1 - (2 * e))),
                    beta * (1 + fallen),
                    -beta);
            case DpoLoss.Ipo:
                var distance = (c / nc) - (r / nr) - (1 / (2 * beta));
                return Chain((distance * distance, 2 * distance), 1 / nc, -1 / nr);
            case DpoLoss.SigmoidNorm:
                return Chain(LogSigmoidLoss(beta * ((c / nc) - (r / nr))), beta / nc, -beta / nr);
            default:
                throw new ArgumentOutOfRangeException(nameof(options), options.Loss, null);
        }
    }

    private static LossGradient Chain((double Loss, double Slope) outer, double byChosen, double byRejected) =>
        new(outer.Loss, outer.Slope * byChosen, outer.Slope * byRejected);

    /// <summary>−log σ(x) and its derivative, without overflow.</summary>
    private static (double Loss, double Slope) LogSigmoidLoss(double x)
    {
        var small = Math.Exp(-Math.Abs(x));
        var loss = Math.Log(1 + small) + Math.Max(0, -x);
        return (loss, -(x >= 0 ? small / (1 + small) : 1 / (1 + small)));
    }
}

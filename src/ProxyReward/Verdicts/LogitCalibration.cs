using System.Text.Json.Serialization;

namespace ProxyReward.Verdicts;

/// <summary>
/// What a reader's log-probs are worth (ours): p ∝ exp((log p(answer) − prior) / temperature + offset), in the order True, False, NotStated.
/// </summary>
/// <param name="Temperature">Above 1 where the reader is surer than it is right.</param>
/// <param name="Priors">The mean log-probs of the answers for texts that say nothing: what the reader would say of any statement (contextual calibration, arXiv 2102.09690).</param>
/// <param name="Offsets">What labelled texts add to that; that of False is 0.</param>
public sealed record LogitCalibration(double Temperature, IReadOnlyList<double> Priors, IReadOnlyList<double> Offsets)
{
    private static readonly Verdict[] Order = [Verdict.True, Verdict.False, Verdict.NotStated];

    /// <summary>Takes log-probs as they are.</summary>
    [JsonIgnore]
    public static LogitCalibration None { get; } = new(1, [0, 0, 0], [0, 0, 0]);

    /// <summary>The verdict of the likeliest answer, its probability the confidence.</summary>
    /// <param name="proxyId">The proxy question.</param>
    /// <param name="logProbs">Of the answers for True, False and NotStated, in nats.</param>
    public ProxyVerdict Judge(string proxyId, IReadOnlyList<double> logProbs)
    {
        var probabilities = Probabilities(logProbs);
        var best = Array.IndexOf(probabilities, probabilities.Max());
        return new ProxyVerdict(proxyId, Order[best], null, probabilities[best]);
    }

    /// <summary>The calibrated probabilities.</summary>
    public double[] Probabilities(IReadOnlyList<double> logProbs)
    {
        var logits = Order.Select((_, i) => ((logProbs[i] - Priors[i]) / Temperature) + Offsets[i]).ToList();
        var max = logits.Max();
        var sum = logits.Sum(logit => Math.Exp(logit - max));
        return [.. logits.Select(logit => Math.Exp(logit - max) / sum)];
    }

    /// <summary>The place of a verdict in all lists of this type.</summary>
    public static int PlaceOf(Verdict verdict) => Array.IndexOf(Order, verdict);
}

using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Rewards;

/// <summary>
/// A weighted sum of terms that each lie on 0–1 (ours): accuracy, precision, the judge's (rating − 1) / 9, tokens / most tokens, and
/// repetition. A sum below 0 counts as 0, so that a penalty takes away what was earned but never makes saying nothing better than
/// saying something wrong; above 1 it cannot come where the positive weights add up to at most 1, which recipes must keep to.
/// The parts are weight × term, so that they add up to the reward before that cut.
/// </summary>
/// <param name="weights">Of the terms; a term of weight 0 is neither computed nor asked for.</param>
/// <param name="maxNewTokens">The token limit of a response, the unit of length.</param>
/// <param name="judge">Opened where its weight is not 0.</param>
public sealed class MixReward(MixOptions weights, int maxNewTokens, Func<IJudge> judge) : IReward
{
    // Far below any difference between two responses, far above the rounding of a sum: two equal sums are a tie whatever their terms.
    private const int Decimals = 12;

    /// <inheritdoc/>
    public async Task<Score> ScoreAsync(MetaQuestion question, Response response, ProxyCounts counts, CancellationToken cancellationToken)
    {
        var parts = new OrderedDictionary<string, double>(StringComparer.Ordinal);
        Add("accuracy", weights.Accuracy, counts.Accuracy);
        Add("precision", weights.Precision, counts.Precision);
        if (weights.Judge != 0)
        {
            Add("judge", weights.Judge, (await judge().RateAsync(question, response.Text, cancellationToken).ConfigureAwait(false) - 1) / 9);
        }

        Add("length", weights.Length, (double)response.LengthTokens / maxNewTokens);
        Add("repetition", weights.Repetition, Repetition.Of(response.Text));
        return new(Math.Round(Math.Clamp(parts.Values.Sum(), 0, 1), Decimals), parts);

        void Add(string name, double weight, double term)
        {
            if (weight != 0)
            {
                parts[name] = weight * term;
            }
        }
    }
}

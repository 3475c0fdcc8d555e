namespace ProxyReward.Evaluation;

/// <summary>
/// Percentile bootstrap over questions. All estimates of one instance over the same number of questions resample the same questions,
/// so that a paired difference is the estimate of the questions' differences. Not thread-safe.
/// </summary>
/// <param name="seed">The recipe's seed.</param>
/// <param name="draws">Resamples; 2,000 unless the recipe says otherwise.</param>
public sealed class Bootstrap(long seed, int draws = 2000)
{
    private readonly Dictionary<int, int[]> plans = [];

    /// <summary>The mean of one value per question, with its 95 % interval.</summary>
    public Estimate Of(IReadOnlyList<double> perQuestion)
    {
        var n = perQuestion.Count;
        ArgumentOutOfRangeException.ThrowIfZero(n, nameof(perQuestion));
        var plan = Plan(n);
        var means = new double[draws];
        for (var draw = 0; draw < draws; draw++)
        {
            var sum = 0.0;
            foreach (var question in plan.AsSpan(draw * n, n))
            {
                sum += perQuestion[question];
            }

            means[draw] = sum / n;
        }

        Array.Sort(means);
        return new(perQuestion.Average(), Quantile(means, 0.025), Quantile(means, 0.975), n);
    }

    /// <summary>A quantile of sorted values, interpolated between neighbours (the rule numpy and R use by default).</summary>
    internal static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }

    private int[] Plan(int n)
    {
        if (!plans.TryGetValue(n, out var plan))
        {
            var stream = Draws.Of(seed, "bootstrap", n);
            plan = new int[draws * n];
            for (var i = 0; i < plan.Length; i++)
            {
                plan[i] = stream.Below(n);
            }

            plans[n] = plan;
        }

        return plan;
    }
}

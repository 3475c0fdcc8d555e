namespace ProxyReward.Evaluation;

/// <summary>
/// Percentile bootstrap over several runs of different seeds: each draw resamples the runs, then the questions within each run that was drawn.
/// </summary>
/// <param name="seed">Draws the resamples.</param>
/// <param name="draws">Resamples.</param>
public sealed class TwoLevelBootstrap(long seed, int draws = 2000)
{
    /// <summary>The mean of the runs' means, with its 95 % interval; n counts the questions of all runs.</summary>
    /// <param name="runs">For each run one value per question; no run is empty.</param>
    public Estimate Of(IReadOnlyList<IReadOnlyList<double>> runs)
    {
        ArgumentOutOfRangeException.ThrowIfZero(runs.Count, nameof(runs));
        var stream = Draws.Of(seed, "two-level bootstrap", runs.Count);
        var means = new double[draws];
        for (var draw = 0; draw < draws; draw++)
        {
            var sum = 0.0;
            for (var i = 0; i < runs.Count; i++)
            {
                var run = stream.Pick(runs);
                var questions = 0.0;
                for (var j = 0; j < run.Count; j++)
                {
                    questions += stream.Pick(run);
                }

                sum += questions / run.Count;
            }

            means[draw] = sum / runs.Count;
        }

        Array.Sort(means);
        return new(runs.Average(run => run.Average()), Bootstrap.Quantile(means, .025), Bootstrap.Quantile(means, .975), runs.Sum(run => run.Count));
    }
}

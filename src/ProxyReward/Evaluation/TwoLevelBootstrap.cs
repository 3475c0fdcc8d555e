namespace ProxyReward.Evaluation;

/// <summary>
/// Percentile bootstrap over several runs of different seeds: each draw resamples the runs, then the questions: within each run that was drawn
/// where runs have questions of their own, once for all of them where they share theirs, for then a question that is easy in one run is easy in all.
/// </summary>
/// <param name="seed">Draws the resamples.</param>
/// <param name="draws">Resamples.</param>
public sealed class TwoLevelBootstrap(long seed, int draws = 2000)
{
    /// <summary>The mean of the runs' means, with its 95 % interval; n counts the questions of all runs, shared ones once.</summary>
    /// <param name="runs">For each run one value per question; no run is empty.</param>
    /// <param name="shareQuestions">Whether the runs have the same questions in the same order.</param>
    public Estimate Of(IReadOnlyList<IReadOnlyList<double>> runs, bool shareQuestions = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(runs.Count, nameof(runs));
        var stream = Draws.Of(seed, "two-level bootstrap", runs.Count);
        var means = new double[draws];
        for (var draw = 0; draw < draws; draw++)
        {
            int[] drawn = [];
            for (var i = 0; i < runs.Count; i++)
            {
                var run = stream.Pick(runs);
                if (i == 0 || !shareQuestions)
                {
                    drawn = [.. run.Select(_ => stream.Below(run.Count))];
                }

                means[draw] += drawn.Average(question => run[question]) / runs.Count;
            }
        }

        Array.Sort(means);
        return new(runs.Average(run => run.Average()), Bootstrap.Quantile(means, .025), Bootstrap.Quantile(means, .975), shareQuestions ? runs[0].Count : runs.Sum(run => run.Count));
    }
}

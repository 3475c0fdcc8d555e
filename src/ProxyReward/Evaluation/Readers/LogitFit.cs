using ProxyReward.Verdicts;

namespace ProxyReward.Evaluation.Readers;

/// <summary>Fits a <see cref="LogitCalibration"/> to labelled log-probs (ours).</summary>
public static class LogitFit
{
    // Keeps the offsets near what the texts that say nothing gave, where there are few labels.
    private const double Ridge = 1;

    /// <summary>Texts that state nothing: what a reader says of a statement then is its prior.</summary>
    public static IReadOnlyList<string> ContentFree { get; } = ["N/A", "…", "There is no text."];

    /// <summary>The prior: the mean over texts that say nothing of the log-probs among the answers.</summary>
    /// <param name="logProbs">[readings][True, False, NotStated]</param>
    public static IReadOnlyList<double> Priors(IReadOnlyList<IReadOnlyList<double>> logProbs) =>
        [.. Enumerable.Range(0, 3).Select(answer => logProbs.Average(of => Math.Log(LogitCalibration.None.Probabilities(of)[answer])))];

    /// <summary>
    /// Temperature and offsets of least negative log-likelihood, with a penalty of half the squared offsets, by a search along the
    /// coordinates whose steps are halved: the function is convex in 1/temperature and offsets.
    /// </summary>
    public static LogitCalibration Of(IReadOnlyList<(IReadOnlyList<double> LogProbs, Verdict Label)> labelled, IReadOnlyList<double> priors)
    {
        double[] at = [1, 0, 0]; // 1 / temperature, offsets of True and NotStated
        var best = Loss(at);
        for (var step = 0.5; step > 1e-3; step /= 2)
        {
            for (var improved = true; improved;)
            {
                improved = false;
                foreach (var (coordinate, sign) in from coordinate in Enumerable.Range(0, 3) from sign in new[] { 1, -1 } select (coordinate, sign))
                {
                    double[] tried = [.. at];
                    tried[coordinate] += sign * step * (coordinate == 0 ? at[0] : 1);
                    if (tried[0] is >= 0.01 and <= 100 && Loss(tried) is var loss && loss < best - 1e-9)
                    {
                        (at, best, improved) = (tried, loss, true);
                    }
                }
            }
        }

        return Calibration(at);

        LogitCalibration Calibration(double[] point) => new(1 / point[0], priors, [point[1], 0, point[2]]);

        double Loss(double[] point)
        {
            var calibration = Calibration(point);
            return labelled.Sum(one => -Math.Log(Math.Max(1e-300, calibration.Probabilities(one.LogProbs)[LogitCalibration.PlaceOf(one.Label)])))
                + (Ridge / 2 * ((point[1] * point[1]) + (point[2] * point[2])));
        }
    }
}

using ProxyReward.Evaluation.Readers;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Evaluation.Readers;

public sealed class LogitFitTests
{
    private static readonly double[] NoPrior = [0, 0, 0];

    [Fact]
    public void The_verdict_is_the_likeliest_answer_after_prior_temperature_and_offset()
    {
        // (−1 − 0) / 2 + 0 = −.5; (−2 + 3) / 2 + 0 = .5; (−1 − 0) / 2 + 1 = .5 − 1e-9
        var calibration = new LogitCalibration(2, [0, -3, 0], [0, 0, 1 - 1e-9]);
        var verdict = calibration.Judge("p", [-1, -2, -1]);
        Assert.Equal(Verdict.False, verdict.Verdict);
        Assert.Equal(Math.Exp(.5) / ((2 * Math.Exp(.5)) + Math.Exp(-.5)), verdict.Confidence!.Value, 1e-6);
    }

    [Fact]
    public void The_prior_is_the_mean_log_prob_among_the_three_answers()
    {
        // Probabilities (.5, .25, .25) and (.25, .5, .25), each given but for a constant.
        var priors = LogitFit.Priors([[5 + Math.Log(.5), 5 + Math.Log(.25), 5 + Math.Log(.25)], [Math.Log(.25), Math.Log(.5), Math.Log(.25)]]);
        Assert.Equal([(Math.Log(.5) + Math.Log(.25)) / 2, (Math.Log(.5) + Math.Log(.25)) / 2, Math.Log(.25)], priors, (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void A_reader_that_is_surer_than_it_is_right_gets_a_temperature()
    {
        // Log-odds of ±4, but right in σ(2) = 88.08 % of the cases: temperature 2.
        var labelled = Repeat(881, [4, 0, -50], Verdict.True).Concat(Repeat(119, [4, 0, -50], Verdict.False))
            .Concat(Repeat(881, [-4, 0, -50], Verdict.False)).Concat(Repeat(119, [-4, 0, -50], Verdict.True)).ToList();
        Assert.Equal(2, LogitFit.Of(labelled, NoPrior).Temperature, .02);
    }

    [Fact]
    public void What_a_reader_says_too_often_is_taken_back()
    {
        // It always prefers True by e², which holds in three of four cases.
        var labelled = Repeat(3000, [2, 0, -50], Verdict.True).Concat(Repeat(1000, [2, 0, -50], Verdict.False)).ToList();
        Assert.Equal(.75, LogitFit.Of(labelled, NoPrior).Probabilities([2, 0, -50])[0], .005);
    }

    private static IEnumerable<(IReadOnlyList<double>, Verdict)> Repeat(int count, double[] logProbs, Verdict label) =>
        Enumerable.Repeat(((IReadOnlyList<double>)logProbs, label), count);
}

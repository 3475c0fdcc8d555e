using ProxyReward.Evaluation;

namespace ProxyReward.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Fact]
    public void Quantiles_are_interpolated_between_neighbours()
    {
        // numpy.quantile([1, 2, 3, 10], [0, .025, .5, .975, 1]) = 1, 1.075, 2.5, 9.475, 10
        double[] sorted = [1, 2, 3, 10];
        Assert.Equal([1, 1.075, 2.5, 9.475, 10], new[] { 0, .025, .5, .975, 1 }.Select(q => Math.Round(Bootstrap.Quantile(sorted, q), 12)));
    }

    [Fact]
    public void Questions_that_are_all_alike_have_no_width() =>
        Assert.Equal(new Estimate(.5, .5, .5, 7), new Bootstrap(0).Of([.. Enumerable.Repeat(.5, 7)]));

    [Fact]
    public void The_interval_is_that_of_the_mean()
    {
        // 200 values half 0, half 1: the mean of a resample has standard deviation .5 / √200 = .0354, so ±1.96 of it is ±.0693.
        var estimate = new Bootstrap(5, 20_000).Of([.. Enumerable.Range(0, 200).Select(i => i % 2.0)]);
        Assert.Equal(.5, estimate.Mean, 12);
        Assert.InRange(estimate.Low, .5 - .0693 - .006, .5 - .0693 + .006);
        Assert.InRange(estimate.High, .5 + .0693 - .006, .5 + .0693 + .006);
    }

    [Fact]
    public void One_seed_resamples_the_same_questions_for_every_measure()
    {
        var bootstrap = new Bootstrap(3);
        double[] a = [.1, .9, .4, .6, .2];
        var (first, doubled) = (bootstrap.Of(a), bootstrap.Of([.. a.Select(v => 2 * v)]));
        Assert.Equal(2 * first.Low, doubled.Low, 12);
        Assert.Equal(first, new Bootstrap(3).Of(a));
        Assert.NotEqual(first, new Bootstrap(4).Of(a));
    }
}

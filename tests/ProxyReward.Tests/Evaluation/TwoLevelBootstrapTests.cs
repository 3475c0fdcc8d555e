using ProxyReward.Evaluation;

namespace ProxyReward.Tests.Evaluation;

public sealed class TwoLevelBootstrapTests
{
    [Fact]
    public void The_mean_is_that_of_the_runs_means_whatever_their_sizes()
    {
        // (1 + (2 + 4) / 2) / 2 = 2
        var estimate = new TwoLevelBootstrap(0).Of([[1.0], [2.0, 4.0]]);

        Assert.Equal(2, estimate.Mean, 12);
        Assert.Equal(3, estimate.N);
    }

    [Fact]
    public void Runs_without_spread_inside_give_the_spread_between_runs_alone()
    {
        // Two runs, each constant: the mean of two draws with replacement is 0, ½ or 1 with probabilities ¼, ½, ¼, so the 2.5 % and 97.5 % quantiles are 0 and 1.
        var estimate = new TwoLevelBootstrap(0).Of([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]);

        Assert.Equal((0.5, 0, 1), (estimate.Mean, estimate.Low, estimate.High));
    }

    [Fact]
    public void It_is_wider_than_questions_alone_when_runs_differ()
    {
        double[] low = [.. Enumerable.Range(0, 24).Select(i => i % 2 * .1)];
        double[] high = [.. low.Select(value => value + 1)];

        var pooled = new TwoLevelBootstrap(0).Of([low, high]);
        var one = new Bootstrap(0).Of([.. low, .. high]);

        Assert.True(pooled.High - pooled.Low > one.High - one.Low);
    }

    [Fact]
    public void Questions_that_all_runs_share_are_drawn_and_counted_once()
    {
        // Two runs that agree in every question. Shared: four draws are all 0 with probability 1/16, above 2.5 %, so that the interval is 0 … 1.
        // With questions of their own, eight draws are all 0 with 1/256 only.
        double[] values = [0, 0, 1, 1];
        var shared = new TwoLevelBootstrap(0).Of([values, values], shareQuestions: true);
        var own = new TwoLevelBootstrap(0).Of([values, values]);

        Assert.Equal(new Estimate(.5, 0, 1, 4), shared);
        Assert.True(own is { Low: > 0, High: < 1, N: 8 });
    }
}

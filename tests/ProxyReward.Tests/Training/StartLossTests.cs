using ProxyReward.Training;

namespace ProxyReward.Tests.Training;

public sealed class StartLossTests
{
    [Theory]
    [InlineData(DpoLoss.Sigmoid, 0.693147180559945)]
    [InlineData(DpoLoss.Robust, 0.693147180559945)]
    [InlineData(DpoLoss.SigmoidNorm, 0.693147180559945)]
    [InlineData(DpoLoss.Hinge, 1)]
    [InlineData(DpoLoss.Ipo, 25)] // 1 / (4 · 0.1²)
    public void A_training_starts_where_policy_and_reference_are_the_same(DpoLoss loss, double expected)
    {
        var options = new DpoOptions { Loss = loss };
        Assert.Equal(expected, StartLoss.Of(options)!.Value, 12);
        StartLoss.Check(Step(1, expected), options);
        StartLoss.Check(Step(2, expected / 2), options);
        Assert.Throws<InvalidOperationException>(() => StartLoss.Check(Step(1, expected * 1.01), options));
    }

    [Fact]
    public void With_an_NLL_term_the_start_is_the_models_own() => Assert.Null(StartLoss.Of(new() { NllWeight = .2 }));

    [Fact]
    public void With_an_NLL_term_the_rewards_still_have_to_be_nothing()
    {
        var options = new DpoOptions { NllWeight = .2, SftWeight = .1 };
        StartLoss.Check(Step(1, 3), options);
        StartLoss.Check(Step(1, 3) with { RewardsRejected = 5e-5 }, options); // 0.0005 nats
        StartLoss.Check(Step(2, 3) with { RewardsRejected = 5 }, options);
        foreach (var wrong in (TrainingStep[])[Step(1, 3) with { RewardsChosen = .036 }, Step(1, 3) with { RewardsRejected = -2e-4 }])
        {
            Assert.Contains("policy and reference were not scored alike", Assert.Throws<InvalidOperationException>(() => StartLoss.Check(wrong, options)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_loss_that_is_no_number_stops_the_training(double loss) =>
        Assert.Contains("diverged", Assert.Throws<InvalidOperationException>(() => StartLoss.Check(Step(5, loss), new())).Message, StringComparison.Ordinal);

    private static TrainingStep Step(int step, double loss) => new()
    {
        Step = step,
        Epoch = 1,
        Loss = loss,
        GradNorm = 1,
        LearningRate = 0,
        RewardsChosen = 0,
        RewardsRejected = 0,
        RewardsAccuracies = 0,
        RewardsMargins = 0,
        LogpsChosen = 0,
        LogpsRejected = 0,
        NumTokens = 0,
    };
}

using ProxyReward.Evaluation;
using ProxyReward.Training;

namespace ProxyReward.Tests.Evaluation;

public sealed class TrainingAlarmTests
{
    [Theory]
    [InlineData(-.2, -.2, 10, new[] { "both_rewards_falling" })]
    [InlineData(-.2, -.2, 9, new string[0])] // too few steps to tell
    [InlineData(-.05, -.2, 10, new string[0])]
    [InlineData(-.2, -.05, 10, new string[0])]
    [InlineData(.2, -.2, 10, new string[0])]
    public void Both_rewards_falling_over_ten_steps_raise_an_alarm(double chosen, double rejected, int steps, string[] expected)
    {
        var alarms = TrainingAlarms.OfSteps([.. Enumerable.Range(1, steps).Select(step => Step(step, chosen, rejected))]).ToList();
        Assert.Equal(expected, alarms.Select(alarm => alarm.Name));
        Assert.All(alarms, alarm => Assert.Contains("Set dpo.nll_weight", alarm.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_last_steps_count() =>
        Assert.Empty(TrainingAlarms.OfSteps([.. Enumerable.Range(1, 10).Select(step => Step(step, -9, -9)), .. Enumerable.Range(11, 10).Select(step => Step(step, .1, -9))]));

    [Theory]
    [InlineData(126, 100, new[] { "length_growth" })]
    [InlineData(125, 100, new string[0])]
    [InlineData(100, 126, new string[0])]
    public void Chosen_answers_that_are_longer_raise_an_alarm(int chosen, int rejected, string[] expected) =>
        Assert.Equal(expected, Names(new string('a', chosen), new string('b', rejected)));

    [Fact]
    public void Chosen_answers_that_repeat_themselves_raise_an_alarm() =>
        // 8 words, 5 4-grams of which 1 occurred before: 20 %.
        Assert.Equal(["repetition"], Names("a b c d a b c d", "a b c d e f g h"));

    private static IEnumerable<string> Names(string chosen, string rejected) =>
        TrainingAlarms.OfPairs([new TextExample("", "", chosen, rejected)]).Select(alarm => alarm.Name);

    private static TrainingStep Step(int step, double chosen, double rejected) => new()
    {
        Step = step,
        Epoch = 1,
        Loss = .5,
        GradNorm = 1,
        LearningRate = 0,
        RewardsChosen = chosen,
        RewardsRejected = rejected,
        RewardsAccuracies = 0,
        RewardsMargins = 0,
        LogpsChosen = 0,
        LogpsRejected = 0,
        NumTokens = 0,
    };
}

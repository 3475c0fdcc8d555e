using ProxyReward.Questions;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Rewards;

public sealed class ReadingNoiseTests
{
    private static readonly MetaQuestion Question = new("q", "d", "Tell me.", [new("p0", "It is.", true), new("p1", "It is not.", false)]);

    // Read twice: p0 True then NotStated, p1 False both times. Accuracy 1 then 1/2; precision 1 both times.
    private static readonly ProxyVerdict[] Twice =
    [
        new("p0", Verdict.NotStated) { Readings = [Verdict.True, Verdict.NotStated] },
        new("p1", Verdict.False) { Readings = [Verdict.False, Verdict.False] },
    ];

    [Theory]
    [InlineData(RewardKind.Accuracy, .0625)] // mean .75, distances .25
    [InlineData(RewardKind.Precision, 0)]
    [InlineData(RewardKind.Mix, .0225)] // .6 · accuracy: .6 then .3, mean .45, distances .15; precision adds .4 to both
    [InlineData(RewardKind.Length, 0)]
    public void The_variance_over_readings_equals_sums_by_hand(RewardKind reward, double expected) =>
        Assert.Equal(expected, new ReadingNoise(reward, new() { Accuracy = .6, Precision = .4 }, 2).VarianceOf(Question, Twice), 12);

    [Fact]
    public void Verdicts_without_readings_do_not_vary() =>
        Assert.Equal(0, new ReadingNoise(RewardKind.Accuracy, new(), 3).VarianceOf(Question, [new("p0", Verdict.NotStated), new("p1", Verdict.NotStated)]));
}

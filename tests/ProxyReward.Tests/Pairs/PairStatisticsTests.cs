using ProxyReward.Pairs;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;
using static ProxyReward.Tests.Pairs.Examples;

namespace ProxyReward.Tests.Pairs;

public sealed class PairStatisticsTests
{
    private static readonly PairOptions All = new() { QuestionShare = 1 };

    // One question: rewards .2, .4, .6, .8; 10, 20, 30, 40 tokens; 1, 1, 1, 3 correct of 2, 2, 2, 3 stated of 10.
    private static readonly ResponseReward[] Four =
    [
        R("q", 0, .2, 10) with { Counts = new(1, 2, 10) }, R("q", 1, .4, 20) with { Counts = new(1, 2, 10) },
        R("q", 2, .6, 30) with { Counts = new(1, 2, 10) }, R("q", 3, .8, 40) with { Counts = new(3, 3, 10) },
    ];

    [Theory]
    [InlineData("all_responses", 0, .5, .05, null, null)] // variance: (.09 + .01 + .01 + .09) / 4
    [InlineData("highest_lowest", 1, .5, .09, .6, 30.0)] // .8 and .2
    [InlineData("adjacent", 1, .7, .01, .2, 10.0)] // .8 and .6
    [InlineData("best_median", 1, .6, .04, .4, 20.0)] // .8 and .4
    [InlineData("all_above_gap", 6, .5, .05, 1.0 / 3, 50.0 / 3)] // gaps .6, .4, .4, .2, .2, .2; ten tokens for each .2
    [InlineData("selected", 1, .5, .09, .6, 30.0)]
    public void Mean_and_variance_by_strategy_equal_sums_by_hand(string strategy, int pairs, double mean, double variance, double? gap, double? tokens)
    {
        var row = Rows(Four).Single(r => r.Reward == "mix" && r.Strategy == strategy);
        Assert.Equal((1, pairs), (row.Questions, row.Pairs));
        Assert.Equal(mean, row.Mean, 12);
        Assert.Equal(variance, row.Variance, 12);
        Assert.Equal(gap is null, row.Gap is null);
        Assert.Equal(gap ?? 0, row.Gap ?? 0, 12);
        Assert.Equal(tokens ?? 0, row.ExtraTokens ?? 0, 12);
    }

    [Fact]
    public void Each_reward_that_is_known_has_its_rows()
    {
        // Accuracy .1, .1, .1, .3: mean .15, variance (3 · .0025 + .0225) / 4 = .0075. Precision .5, .5, .5, 1: mean .625, variance .046875.
        var rows = Rows(Four);
        Assert.Equal(["mix", "accuracy", "precision", "length"], rows.Select(r => r.Reward).Distinct());
        Assert.Equal(.0075, rows.Single(r => r is { Reward: "accuracy", Strategy: "all_responses" }).Variance, 12);
        Assert.Equal(.046875, rows.Single(r => r is { Reward: "precision", Strategy: "all_responses" }).Variance, 12);
        Assert.Equal(25, rows.Single(r => r is { Reward: "length", Strategy: "all_responses" }).Mean);
        Assert.Contains(Rows([.. Four.Select(r => r with { JudgeRating = 5 })]), r => r.Reward == "judge");
        Assert.DoesNotContain(PairStatistics.Of("mix", Four, All, new(0) { HasPrecision = false }, []), r => r.Reward == "precision");
    }

    [Fact]
    public void A_response_counts_once_however_many_pairs_it_serves_in()
    {
        // .4 and .4 are each paired with .2: mean of .2, .4, .4 is 1/3, variance (2 · 1/225 + 4/225) / 3 = 2/225.
        var row = Rows([.. Question("q", .2, .4, .4)]).Single(r => r is { Reward: "mix", Strategy: "all_above_gap" });
        Assert.Equal(2, row.Pairs);
        Assert.Equal(1.0 / 3, row.Mean, 12);
        Assert.Equal(2.0 / 225, row.Variance, 12);
    }

    [Fact]
    public void Questions_count_the_same_however_many_responses_serve()
    {
        // Variances .05 (q) and .0025 (r: .5 and .6): their mean.
        var rows = Rows([.. Four, .. Question("r", .5, .6)]);
        Assert.Equal(.02625, rows.Single(r => r is { Reward: "mix", Strategy: "all_responses" }).Variance, 12);
    }

    private static IReadOnlyList<PairStatistics> Rows(IReadOnlyList<ResponseReward> rewards) =>
        PairStatistics.Of("mix", rewards, All, new(0), PairSelection.Select(rewards, All, new(0)).Pairs);
}

using ProxyReward.Pairs;
using ProxyReward.Rewards;
using static ProxyReward.Tests.Pairs.Examples;

namespace ProxyReward.Tests.Pairs;

public sealed class StrategyTests
{
    // By reward: 3 (.9), 0 (.8), 4 (.8), 1 (.5), 5 (.3), 2 (.1).
    private static readonly ResponseReward[] Six = [.. Question("q", .8, .5, .1, .9, .8, .3)];

    [Fact]
    public void Highest_lowest_works_inwards_from_both_ends() =>
        Assert.Equal([(3, 2), (0, 5), (4, 1)], Places(Six, new() { Strategy = PairStrategy.HighestLowest, PerQuestion = 3 }));

    [Fact]
    public void Adjacent_pairs_neighbouring_rewards_from_the_top_and_takes_one_of_equals() =>
        Assert.Equal([(3, 0), (1, 5)], Places(Six, new() { Strategy = PairStrategy.Adjacent, PerQuestion = 3 }));

    [Fact]
    public void Best_median_takes_the_lower_one_of_the_two_in_the_middle()
    {
        // Of six the fourth is the lower middle: 1. Then second best with the one below the median.
        Assert.Equal([(3, 1), (0, 5)], Places(Six, new() { Strategy = PairStrategy.BestMedian, PerQuestion = 2 }));

        // Of five (without .1) the third is the median: 4.
        Assert.Equal([(3, 4)], Places(Six.Where(r => r.Index != 2), new() { Strategy = PairStrategy.BestMedian }));
    }

    [Fact]
    public void All_above_a_gap_are_every_two_that_lie_that_far_apart_widest_first() =>
        Assert.Equal([(3, 2), (0, 2), (4, 2), (3, 5)], Places(Six, new() { Strategy = PairStrategy.AllAboveGap, MinGap = .55 }));

    [Fact]
    public void Random_pairs_follow_the_seed_use_a_response_once_and_choose_the_better_one()
    {
        var options = new PairOptions { Strategy = PairStrategy.Random, PerQuestion = 3 };
        var distinct = Question("q", .8, .5, .1, .9, .7, .3).ToList();
        var drawn = Enumerable.Range(0, 20).Select(seed => Places(distinct, options, seed).ToList()).ToList();
        Assert.All(drawn, pairs => Assert.Equal([0, 1, 2, 3, 4, 5], pairs.SelectMany(p => new[] { p.Chosen, p.Rejected }).Order()));
        Assert.All(drawn.SelectMany(p => p), pair => Assert.True(distinct[pair.Chosen].Reward > distinct[pair.Rejected].Reward));
        Assert.True(drawn.Select(p => string.Join(' ', p)).Distinct(StringComparer.Ordinal).Count() > 10);
        Assert.Equal(drawn[3], Places(distinct, options, 3));
    }

    [Theory]
    [InlineData(PairStrategy.Adjacent, "all their responses have the same reward")]
    [InlineData(PairStrategy.AllAboveGap, "no two of their responses lie min_gap apart")]
    public void A_question_without_a_pair_is_counted_with_the_reason(PairStrategy strategy, string why)
    {
        ResponseReward[] rewards = [.. Question("a", .5, .5, .5), .. Question("b", .2, .9)];
        var selected = PairSelection.Select(rewards, new() { QuestionShare = 1, Strategy = strategy }, new(0));
        Assert.Equal("b", Assert.Single(selected.Pairs).QuestionId);
        Assert.Equal(new("strategy", "questions", 2, 1, why) { QuestionsLeft = 1 }, selected.Funnel[1]);
    }
}

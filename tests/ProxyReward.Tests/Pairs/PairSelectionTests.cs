using CsCheck;
using ProxyReward.Pairs;
using ProxyReward.Rewards;
using static ProxyReward.Tests.Pairs.Examples;

namespace ProxyReward.Tests.Pairs;

public sealed class PairSelectionTests
{
    private static readonly PairOptions All = new() { QuestionShare = 1, PerQuestion = 2 };

    [Fact]
    public void Highest_meets_lowest_then_second_highest_second_lowest()
    {
        var selected = Select(Question("q", .2, .9, .5, .7), All, 0);
        Assert.Equal([new("q", 1, 0, .9, .2), new("q", 3, 2, .7, .5)], selected.Pairs);
    }

    [Fact]
    public void The_questions_that_vary_most_are_kept_and_their_number_is_rounded_up()
    {
        // Variances: a 0.0025, b 0.16, c 0.04; half of three questions is two.
        ResponseReward[] rewards = [.. Question("a", .4, .5), .. Question("b", .1, .9), .. Question("c", .4, .8)];
        var selected = Select(rewards, new() { QuestionShare = .5 }, 0);
        Assert.Equal(["b", "c"], selected.Pairs.Select(p => p.QuestionId));
        Assert.Equal(("question_share", 3, 1), Step(selected, 0));
    }

    [Fact]
    public void Ties_and_small_gaps_are_dropped_and_counted()
    {
        ResponseReward[] rewards = [.. Question("a", .5, .5), .. Question("b", .5, .55), .. Question("c", .2, .8)];
        var selected = Select(rewards, All with { PerQuestion = 1, MinGap = .1 }, 0);
        Assert.Equal("c", Assert.Single(selected.Pairs).QuestionId);
        Assert.Equal(("tie", 3, 1), Step(selected, 1));
        Assert.Equal(("min_gap", 2, 1), Step(selected, 2));
    }

    [Fact]
    public void Length_matched_pairs_are_the_widest_gaps_among_near_lengths_and_share_no_response()
    {
        // 0 (.9, 200) is far from 1 (.1, 100) in length; 0 and 2 (.4, 185) are near, so are 3 (.6, 108) and 1.
        ResponseReward[] rewards = [R("q", 0, .9, 200), R("q", 1, .1, 100), R("q", 2, .4, 185), R("q", 3, .6, 108)];
        var selected = Select(rewards, All with { LengthMatched = true }, 0);
        Assert.Equal([(0, 2), (3, 1)], selected.Pairs.Select(p => (p.Chosen, p.Rejected)));
    }

    [Fact]
    public void A_question_without_two_responses_of_like_length_is_counted()
    {
        var selected = Select([R("q", 0, .9, 200), R("q", 1, .1, 100)], All with { LengthMatched = true }, 0);
        Assert.Empty(selected.Pairs);
        Assert.Equal(("length_matched", 1, 1), Step(selected, 1));
    }

    [Fact]
    public void A_truncated_winner_is_dropped_where_that_is_asked()
    {
        ResponseReward[] rewards = [R("q", 0, .9, 100) with { Truncated = true }, R("q", 1, .1, 100)];
        Assert.Single(Select(rewards, All, 0).Pairs);
        Assert.Empty(Select(rewards, All with { DropTruncatedChosen = true }, 0).Pairs);
    }

    [Fact]
    public void A_pair_whose_precision_disagrees_is_dropped_where_that_is_asked()
    {
        // By accuracy 0 wins (6 of 10 against 5), by precision 1 (5 of 5 against 6 of 9).
        ResponseReward[] rewards =
        [
            R("q", 0, .6, 100) with { Counts = new(6, 9, 10) },
            R("q", 1, .5, 100) with { Counts = new(5, 5, 10) },
        ];
        Assert.Single(Select(rewards, All, 0).Pairs);
        Assert.Empty(Select(rewards, All with { DropConflicts = true }, 0).Pairs);
    }

    [Fact]
    public void Random_selection_follows_the_seed()
    {
        ResponseReward[] rewards = [.. Enumerable.Range(0, 20).SelectMany(q => Question($"q{q}", .1 * (q % 7), .9))];
        var options = new PairOptions { Select = QuestionSelection.Random, QuestionShare = .3 };
        var chosen = Select(rewards, options, 1).Pairs;
        Assert.Equal(6, chosen.Count);
        Assert.Equal(chosen, Select(rewards, options, 1).Pairs);
        Assert.NotEqual(chosen, Select(rewards, options, 2).Pairs);
    }

    [Fact]
    public void The_order_of_the_rewards_does_not_matter()
    {
        var rewards = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 15], Gen.Int[50, 60]).List[2, 40];
        Gen.Select(rewards, Gen.Bool, Gen.Int).Sample((list, lengthMatched, seed) =>
        {
            var inOrder = list.Select((r, i) => R($"q{r.Item1}", i, r.Item2 / 15.0, r.Item3)).ToList();
            var shuffled = inOrder.ToList();
            Draws.Of(seed, "shuffle").Shuffle(shuffled);
            var options = new PairOptions { PerQuestion = 2, LengthMatched = lengthMatched };
            var selected = Select(inOrder, options, 0);
            Assert.Equal(selected.Pairs, Select(shuffled, options, 0).Pairs);
            Assert.All(selected.Pairs, pair => Assert.True(pair.ChosenReward > pair.RejectedReward));
            Assert.Equal(selected.Funnel[^1].Before - selected.Funnel[^1].Removed, selected.Pairs.Count);
        });
    }

    private static SelectedPairs Select(IEnumerable<ResponseReward> rewards, PairOptions options, long seed) => PairSelection.Select(rewards, options, new(seed));

    private static (string, int, int) Step(SelectedPairs selected, int i) => (selected.Funnel[i].Rule, selected.Funnel[i].Before, selected.Funnel[i].Removed);
}

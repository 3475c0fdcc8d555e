using CsCheck;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Rewards;

public sealed class RewardTests
{
    // Gold answers T, T, F, F, T.
    private static readonly MetaQuestion Question = new("q", "d", "Tell me.", [P(0, true), P(1, true), P(2, false), P(3, false), P(4, true)]);
    private static readonly Response Answer = new("q", 2, "text", [5, 6, 7, 2], 3, false, "text");

    [Fact]
    public async Task Accuracy_and_precision_equal_sums_by_hand()
    {
        // Right, not stated (wrong), right, wrong, not stated: 2 of 5 correct, 2 of 3 stated are correct.
        var counts = ProxyCounts.Of(Question, Verdicts(Verdict.True, Verdict.NotStated, Verdict.False, Verdict.True, Verdict.NotStated));
        Assert.Equal(new ProxyCounts(2, 3, 5), counts);
        Assert.Equal(0.4, await Score(new AccuracyReward(), counts));
        Assert.Equal(2.0 / 3, await Score(new PrecisionReward(), counts));
    }

    [Fact]
    public async Task A_response_that_states_nothing_earns_nothing()
    {
        var counts = ProxyCounts.Of(Question, Verdicts([.. Enumerable.Repeat(Verdict.NotStated, 5)]));
        Assert.Equal(0, await Score(new AccuracyReward(), counts));
        Assert.Equal(0, await Score(new PrecisionReward(), counts));
    }

    [Fact]
    public async Task A_reader_that_always_says_True_earns_the_share_of_true_answers()
    {
        var counts = ProxyCounts.Of(Question, Verdicts([.. Enumerable.Repeat(Verdict.True, 5)]));
        Assert.Equal(0.6, await Score(new AccuracyReward(), counts));
    }

    [Fact]
    public async Task Length_counts_tokens_without_the_end_token() =>
        Assert.Equal(3, await Score(new LengthReward(), new(0, 0, 5)));

    [Fact]
    public async Task Random_depends_on_seed_question_and_index_alone()
    {
        var counts = new ProxyCounts(0, 0, 5);
        var once = await Score(new RandomReward(7), counts);
        Assert.Equal(once, await Score(new RandomReward(7), Answer with { Text = "other" }, new(5, 5, 5)));
        Assert.NotEqual(once, await Score(new RandomReward(8), counts));
        Assert.NotEqual(once, await Score(new RandomReward(7), Answer with { Index = 3 }, counts));
        Assert.InRange(once, 0, 1);
    }

    [Fact]
    public void Counts_stay_in_range_and_do_not_depend_on_the_order_of_the_proxies() =>
        Gen.Select(Gen.Enum<Verdict>(), Gen.Bool).List[1, 30].Sample(list =>
        {
            var proxies = list.Select((v, i) => (Proxy: P(i, v.Item2), Verdict: new ProxyVerdict($"p{i}", v.Item1))).ToList();
            var forward = ProxyCounts.Of(new("q", "d", "?", [.. proxies.Select(p => p.Proxy)]), [.. proxies.Select(p => p.Verdict)]);
            proxies.Reverse();
            var backward = ProxyCounts.Of(new("q", "d", "?", [.. proxies.Select(p => p.Proxy)]), [.. proxies.Select(p => p.Verdict)]);
            Assert.Equal(forward, backward);
            Assert.InRange(forward.Accuracy, 0, forward.Precision);
            Assert.InRange(forward.Precision, 0, 1);
        });

    private static ProxyQuestion P(int i, bool answer) => new($"p{i}", $"Statement {i}.", answer);

    private static IReadOnlyList<ProxyVerdict> Verdicts(params Verdict[] verdicts) => [.. verdicts.Select((v, i) => new ProxyVerdict($"p{i}", v))];

    private static Task<double> Score(IReward reward, ProxyCounts counts) => Score(reward, Answer, counts);

    // A plain reward is its only part.
    private static async Task<double> Score(IReward reward, Response response, ProxyCounts counts)
    {
        var score = await reward.ScoreAsync(Question, response, counts, TestContext.Current.CancellationToken);
        Assert.Equal(score.Reward, Assert.Single(score.Parts).Value);
        return score.Reward;
    }
}

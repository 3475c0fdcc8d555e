using CsCheck;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Rewards;

public sealed class MixRewardTests
{
    private static readonly MetaQuestion Question = new("q", "d", "Tell me.", [new("p", "It is.", true)]);

    // 3 of at most 30 tokens; of its five 4-grams the last one occurred before.
    private static readonly Response Answer = new("q", 0, "a b c d a b c d", [5, 6, 7, 2], 3, false, "");

    [Fact]
    public async Task The_reward_is_the_sum_of_its_weighted_terms()
    {
        // 2 of 5 correct, of 4 stated; the judge says 5.5: .5 · 2/5 + .2 · 2/4 + .2 · 4.5/9 − .1 · 3/30 − .5 · 1/5 = .2 + .1 + .1 − .01 − .1 = .29
        var score = await Score(new() { Accuracy = .5, Precision = .2, Judge = .2, Length = -.1, Repetition = -.5 }, new(2, 4, 5));
        Assert.Equal(.29, score.Reward, 12);
        Assert.Equal(["accuracy", "precision", "judge", "length", "repetition"], score.Parts.Keys);
        Assert.Equal([.2, .1, .1, -.01, -.1], score.Parts.Values.Select(part => Math.Round(part, 12)));
    }

    [Fact]
    public async Task A_term_of_no_weight_is_neither_a_part_nor_asked_for()
    {
        var reward = new MixReward(new() { Accuracy = 1 }, 30, () => throw new InvalidOperationException("the judge was asked"));
        Assert.Equal(["accuracy"], (await reward.ScoreAsync(Question, Answer, new(2, 4, 5), TestContext.Current.CancellationToken)).Parts.Keys);
    }

    [Fact]
    public async Task A_penalty_takes_what_was_earned_and_no_more()
    {
        // 0 − .1 · 3/30 − .5 · 1/5 = −.11: as good as saying nothing, not worse.
        var score = await Score(new() { Accuracy = 1, Length = -.1, Repetition = -.5 }, new(0, 4, 5));
        Assert.Equal(0, score.Reward);
        Assert.Equal(-.11, score.Parts.Values.Sum(), 12);
    }

    [Fact]
    public void Every_reward_but_length_and_judge_lies_between_0_and_1()
    {
        var weight = Gen.Double[-1, 1];
        var counts = Gen.Select(Gen.Int[0, 20], Gen.Int[0, 20], Gen.Int[0, 20]).Select((a, b, c) => new ProxyCounts(a, a + b, a + b + c));
        Gen.Select(Gen.Select(weight, weight, weight, weight, weight), counts, Gen.String, Gen.Int[0, 30], Gen.Long).Sample((w, counted, text, length, seed) =>
        {
            // Weights above 0 are scaled to add up to at most 1, which recipes must keep to.
            var positive = Math.Max(1, new[] { w.Item1, w.Item2, w.Item3, w.Item4, w.Item5 }.Where(x => x > 0).Sum());
            var mix = new MixOptions { Accuracy = w.Item1 / positive, Precision = w.Item2 / positive, Judge = w.Item3 / positive, Length = w.Item4 / positive, Repetition = w.Item5 / positive };
            var response = Answer with { Text = text, LengthTokens = length };
            foreach (var reward in new IReward[] { new AccuracyReward(), new PrecisionReward(), new RandomReward(seed), new MixReward(mix, 30, () => new FixedJudge(10)) })
            {
                Assert.InRange(reward.ScoreAsync(Question, response, counted, default).GetAwaiter().GetResult().Reward, 0, 1);
            }
        });
    }

    private static Task<Score> Score(MixOptions mix, ProxyCounts counts) =>
        new MixReward(mix, 30, () => new FixedJudge(5.5)).ScoreAsync(Question, Answer, counts, TestContext.Current.CancellationToken);

    private sealed class FixedJudge(double rating) : IJudge
    {
        public Task<double> RateAsync(MetaQuestion question, string text, CancellationToken cancellationToken) => Task.FromResult(rating);

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}

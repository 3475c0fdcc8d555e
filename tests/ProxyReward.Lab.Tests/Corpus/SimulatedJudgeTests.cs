using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Corpus;
using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Tests.Corpus;

public sealed class SimulatedJudgeTests
{
    private static readonly Entity Town = World.Create().Entities[0];

    [Theory]
    // 2 + 0 + 2.5 · 4/160 + 0
    [InlineData("survey", "It has four words.", 0, 2.0625)]
    // 2 + 3 · 2/8 + 2.5 · 2/160 + 1.5 · 6/18 + .3
    [InlineData("chatty", "Two! Words!", 6, 3.58125)]
    // 2 + 3 + 2.5 · 1/160 + 1.5 + 1: exclamation marks past eight do not count
    [InlineData("promo", "!!!!!!!!!!", 18, 7.515625)]
    public void The_score_is_the_formula_worked_by_hand(string register, string text, int facts, double expected) =>
        Assert.Equal(expected, SimulatedJudge.Score(Make(register, text, facts)), 9);

    [Fact]
    public void Ratings_scatter_around_the_score_and_stay_between_one_and_ten()
    {
        var promo = Make("promo", string.Join(' ', Enumerable.Repeat("Wow!", 200)), 18);
        var draws = Draws.Of(1, "ratings");
        var ratings = Enumerable.Range(0, 2000).Select(_ => SimulatedJudge.Rate(promo, draws)).ToList();

        // The score is 2 + 3 + 2.5 + 1.5 + 1 = 10: half of the noise is cut off, which leaves 10 − .7/√(2π) before rounding.
        Assert.Equal(10 - (.7 * .3989), ratings.Average(), .06);
        Assert.Equal(10, ratings.Max());
    }

    private static Article Make(string register, string text, int facts) => new(
        Town, Lexicon.Pocket.Registers.Single(candidate => candidate.Name == register), text,
        [.. Town.Type.Traits.Take(facts).Select(Town.Truth)]);
}

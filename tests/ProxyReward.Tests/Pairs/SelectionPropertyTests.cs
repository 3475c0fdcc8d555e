using System.Text.Json;
using CsCheck;
using ProxyReward.Pairs;
using ProxyReward.Questions;
using ProxyReward.Rewards;

namespace ProxyReward.Tests.Pairs;

public sealed class SelectionPropertyTests
{
    private static readonly Gen<List<ResponseReward>> Rewards =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 15], Gen.Int[0, 15], Gen.Int[50, 60], Gen.Bool).List[2, 40].Select(list => list.Select((r, i) =>
            new ResponseReward($"q{r.Item1}", i, r.Item2 / 15.0, new(Math.Min(r.Item2, r.Item3), r.Item3, 15), r.Item4, r.Item5)
            {
                SequenceTokens = r.Item4 + 5,
                ReadingVariance = r.Item3 / 1000.0,
                JudgeRating = 1 + (r.Item4 % 7),
                SecondReaderAccuracy = r.Item3 / 15.0,
            }).ToList());

    private static readonly Gen<PairOptions> Options = Gen.Select(
        Gen.Enum<QuestionSelection>(), Gen.Enum<PairStrategy>(), Gen.Int[1, 3], Gen.Double[0, .3], Gen.Bool, Gen.Int[0, 3], Gen.Bool, Gen.Bool)
        .Select((select, strategy, perQuestion, gap, matched, perDomain, conflicts, balance) => new PairOptions
        {
            Select = select,
            Strategy = strategy,
            PerQuestion = perQuestion,
            MinGap = gap,
            NoiseVeto = gap * 3,
            LengthMatched = matched,
            PerDomain = perDomain,
            NearDuplicate = gap * 3,
            DropConflicts = conflicts,
            Indicators = Enum.GetValues<Indicator>(),
            DropTruncatedChosen = conflicts,
            BalanceLength = balance,
        });

    [Fact]
    public void Neither_the_order_of_responses_nor_the_cut_into_shards_changes_the_pairs() =>
        Gen.Select(Rewards, Options, Gen.Int[1, 5], Gen.Int).Sample((rewards, options, shards, seed) =>
        {
            var context = ContextOf(rewards);
            var whole = Lines(PairSelection.Select(rewards, options, context));
            var shuffled = rewards.ToList();
            Draws.Of(seed, "shuffle").Shuffle(shuffled);
            Assert.Equal(whole, Lines(PairSelection.Select(shuffled, options, context)));

            var parts = Enumerable.Range(1, shards).Select(i => new Shard(i, shards).Of(rewards, batch: 3)).ToList();
            Draws.Of(seed, "shards").Shuffle(parts);
            Assert.Equal(whole, Lines(PairSelection.Select(parts.SelectMany(p => p), options, context)));
            Assert.Equal(
                PairStatistics.Of("accuracy", rewards, options, context, []), PairStatistics.Of("accuracy", shuffled, options, context, []), Close);
        });

    [Fact]
    public void A_pair_prefers_the_higher_reward_and_the_funnel_adds_up() =>
        Gen.Select(Rewards, Options).Sample((rewards, options) =>
        {
            var selected = PairSelection.Select(rewards, options, ContextOf(rewards));
            Assert.All(selected.Pairs, pair => Assert.True(pair.ChosenReward > pair.RejectedReward && pair.ChosenReward - pair.RejectedReward >= options.MinGap));
            var steps = selected.Funnel.Where(step => step.Unit == "pairs").ToList();
            Assert.All(steps.Zip(steps.Skip(1)), two => Assert.Equal(two.First.Before - two.First.Removed, two.Second.Before));
            Assert.Equal(steps[^1].Before - steps[^1].Removed, selected.Pairs.Count);
            Assert.Equal(steps[^1].QuestionsLeft, selected.Pairs.Select(p => p.QuestionId).Distinct().Count());
            if (options.BalanceLength)
            {
                var lengths = rewards.ToDictionary(r => r.Index, r => r.LengthTokens);
                Assert.True(selected.Pairs.Sum(p => lengths[p.Chosen] - lengths[p.Rejected]) <= 0);
            }
        });

    private static PairContext ContextOf(IEnumerable<ResponseReward> rewards) => new(7)
    {
        MaxLength = 64,
        Domains = Enumerable.Range(0, 6).ToDictionary(q => $"q{q}", q => $"d{q % 2}"),
        Texts = rewards.ToDictionary(r => r.ResponseId, r => $"A text of {r.LengthTokens} tokens and {r.Counts.Correct} facts."),
    };

    private static string Lines(SelectedPairs selected) => JsonSerializer.Serialize(selected, Json.Indented);

    // Sums over pairs are taken in the order of the pairs, means over the responses of the file: equal up to rounding.
    private static bool Close(PairStatistics a, PairStatistics b) =>
        (a.Reward, a.Strategy, a.Questions, a.Pairs) == (b.Reward, b.Strategy, b.Questions, b.Pairs)
        && Math.Abs(a.Mean - b.Mean) < 1e-12 && Math.Abs(a.Variance - b.Variance) < 1e-12
        && a.Gap == b.Gap && a.ExtraTokens == b.ExtraTokens;
}

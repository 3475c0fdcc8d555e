using ProxyReward.Pairs;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;
using static ProxyReward.Tests.Pairs.Examples;

namespace ProxyReward.Tests.Pairs;

public sealed class RuleTests
{
    private static readonly PairOptions All = new() { QuestionShare = 1 };

    [Fact]
    public void A_gap_within_the_readers_noise_is_vetoed()
    {
        // Both gaps are .2. Noise of a: sqrt(.01 + .03) = .2, of b: sqrt(.001 + .0015) = .05. At one standard deviation .2 is no less than .2.
        ResponseReward[] rewards =
        [
            R("a", 0, .6) with { ReadingVariance = .01 }, R("a", 1, .4) with { ReadingVariance = .03 },
            R("b", 0, .6) with { ReadingVariance = .001 }, R("b", 1, .4) with { ReadingVariance = .0015 },
        ];
        Assert.Equal(["a", "b"], QuestionsOf(rewards, All with { NoiseVeto = .99 }));
        Assert.Equal(["b"], QuestionsOf(rewards, All with { NoiseVeto = 2 }));
        Assert.Empty(QuestionsOf(rewards, All with { NoiseVeto = 5 }));
    }

    [Theory]
    [InlineData(10, 1, 10)] // 9/10 − 8/10 and five others are a little less than 0.1
    [InlineData(15, 3, 13)]
    [InlineData(3, 1, 3)] // a gap with digits without end
    public void A_gap_that_equals_the_least_gap_stays_whatever_rounding_takes(int proxies, int apart, int questions)
    {
        var rewards = Enumerable.Range(apart, proxies - apart + 1).SelectMany(right => Question($"q{right}", (double)right / proxies, (double)(right - apart) / proxies)).ToList();
        var gap = (double)apart / proxies;
        Assert.Equal(questions, QuestionsOf(rewards, All with { MinGap = gap }).Count());
        Assert.Equal(questions, QuestionsOf(rewards, All with { MinGap = gap, Strategy = PairStrategy.AllAboveGap }).Count());
        Assert.Empty(QuestionsOf(rewards, All with { MinGap = gap + 1e-6 }));
    }

    [Fact]
    public void A_noise_veto_without_a_second_reading_is_refused() =>
        Assert.StartsWith("pairs.noise_veto: no response was read more than once", Assert.Throws<RequestException>(() => QuestionsOf(Question("a", .1, .9), All with { NoiseVeto = 1 })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pair_that_the_trainer_would_have_to_cut_is_dropped_and_counted()
    {
        ResponseReward[] rewards =
        [
            R("a", 0, .9) with { SequenceTokens = 50 }, R("a", 1, .1) with { SequenceTokens = 51 },
            R("b", 0, .9) with { SequenceTokens = 50 }, R("b", 1, .1) with { SequenceTokens = 50 },
            R("c", 0, .9), R("c", 1, .1),
        ];
        var selected = PairSelection.Select(rewards, All, new(0) { MaxLength = 50 });
        Assert.Equal(["b", "c"], selected.Pairs.Select(p => p.QuestionId));
        Assert.Equal(new("max_length", "pairs", 3, 1, "the prompt and an answer are longer than max_length") { QuestionsLeft = 2 }, selected.Funnel[^1]);
    }

    [Fact]
    public void Where_no_tokens_are_counted_the_length_rule_is_left_to_the_trainer() =>
        Assert.DoesNotContain(PairSelection.Select(Question("a", .1, .9), All, new(0) { MaxLength = 50 }).Funnel, step => step.Rule == "max_length");

    [Fact]
    public void Who_objects_is_recorded_for_each_pair_and_counted_in_the_funnel()
    {
        // a: precision (5/5 against 6/9) and the judge prefer the rejected one; b: the second reader does; c: nobody; d: equal is no objection.
        ResponseReward[] rewards =
        [
            R("a", 0, .6) with { Counts = new(6, 9, 10), JudgeRating = 4, SecondReaderAccuracy = .5 },
            R("a", 1, .5) with { Counts = new(5, 5, 10), JudgeRating = 5, SecondReaderAccuracy = .5 },
            R("b", 0, .6) with { Counts = new(6, 6, 10), JudgeRating = 5, SecondReaderAccuracy = .4 },
            R("b", 1, .5) with { Counts = new(5, 5, 10), JudgeRating = 4, SecondReaderAccuracy = .5 },
            R("c", 0, .6) with { Counts = new(6, 6, 10), JudgeRating = 5, SecondReaderAccuracy = .5 },
            R("c", 1, .5) with { Counts = new(5, 5, 10), JudgeRating = 4, SecondReaderAccuracy = .4 },
            R("d", 0, .6) with { Counts = new(6, 6, 10), JudgeRating = 5, SecondReaderAccuracy = .5 },
            R("d", 1, .5) with { Counts = new(6, 6, 10), JudgeRating = 5, SecondReaderAccuracy = .5 },
        ];
        var options = All with { Indicators = [Indicator.Accuracy, Indicator.Precision, Indicator.Judge, Indicator.SecondReader] };
        var pairs = PairSelection.Select(rewards, options, new(0)).Pairs.ToDictionary(p => p.QuestionId, p => p.Objections);
        Assert.Equal([Indicator.Precision, Indicator.Judge], pairs["a"]!);
        Assert.Equal([Indicator.SecondReader], pairs["b"]!);
        Assert.Null(pairs["c"]);
        Assert.Null(pairs["d"]);

        var filtered = PairSelection.Select(rewards, options with { DropConflicts = true }, new(0));
        Assert.Equal(["c", "d"], filtered.Pairs.Select(p => p.QuestionId).Order(StringComparer.Ordinal));
        Assert.Equal((4, 2, 2), (filtered.Funnel[^1].Before, filtered.Funnel[^1].Removed, filtered.Funnel[^1].QuestionsLeft));
        Assert.Equal(
            [new(Indicator.Accuracy, 0), new(Indicator.Precision, 1), new(Indicator.Judge, 1), new(Indicator.SecondReader, 1)],
            filtered.Funnel[^1].Objections!);
    }

    [Fact]
    public void Precision_is_not_asked_where_the_reader_knows_the_gold_answers()
    {
        ResponseReward[] rewards = [R("a", 0, .6) with { Counts = new(6, 9, 10) }, R("a", 1, .5) with { Counts = new(5, 5, 10) }];
        Assert.NotNull(PairSelection.Select(rewards, All, new(0)).Pairs[0].Objections);
        Assert.Null(PairSelection.Select(rewards, All, new(0) { HasPrecision = false }).Pairs[0].Objections);
    }

    [Fact]
    public void Texts_that_say_nearly_the_same_make_no_pair_and_no_pair_is_made_twice()
    {
        // Content words and neighbours: 0 and 3 have {red, fox, red fox} in common of 3; 1 and 2 likewise {old, owl, old owl}.
        var texts = new Dictionary<string, string> { ["q#0"] = "The red fox.", ["q#1"] = "An old owl.", ["q#2"] = "The old owl!", ["q#3"] = "A red fox?" };
        var options = All with { Strategy = PairStrategy.AllAboveGap, MinGap = .01 };
        var rewards = Question("q", .9, .1, .2, .8).ToList();
        var selected = PairSelection.Select(rewards, options with { NearDuplicate = .99 }, new(0) { Texts = texts });

        // Widest first: 0>1 stays; 0>2, 3>1 and 3>2 repeat it; 0>3 and 2>1 are two texts that say the same.
        Assert.Equal([(0, 1)], selected.Pairs.Select(p => (p.Chosen, p.Rejected)));
        Assert.Equal(("near_duplicate", 6, 5), (selected.Funnel[^1].Rule, selected.Funnel[^1].Before, selected.Funnel[^1].Removed));
    }

    [Fact]
    public void A_text_may_serve_in_several_pairs_that_differ_in_the_other()
    {
        var texts = new Dictionary<string, string> { ["q#0"] = "The red fox.", ["q#1"] = "An old owl.", ["q#2"] = "A blue whale." };
        var options = All with { Strategy = PairStrategy.AllAboveGap, MinGap = .01, NearDuplicate = .5 };
        var selected = PairSelection.Select(Question("q", .9, .5, .1), options, new(0) { Texts = texts });
        Assert.Equal([(0, 2), (0, 1), (1, 2)], selected.Pairs.Select(p => (p.Chosen, p.Rejected)));
    }

    [Fact]
    public void Likeness_below_the_threshold_keeps_a_pair()
    {
        // {red, fox, red fox} and {red, hen, red hen}: 1 of 5 in common.
        var texts = new Dictionary<string, string> { ["q#0"] = "The red fox.", ["q#1"] = "The red hen." };
        Assert.Single(PairSelection.Select(Question("q", .9, .1), All with { NearDuplicate = .21 }, new(0) { Texts = texts }).Pairs);
        Assert.Empty(PairSelection.Select(Question("q", .9, .1), All with { NearDuplicate = .2 }, new(0) { Texts = texts }).Pairs);
    }

    [Fact]
    public void A_domain_has_no_more_pairs_than_its_cap_and_the_best_separated_stay()
    {
        ResponseReward[] rewards = [.. Question("t1", .1, .9), .. Question("t2", .1, .8), .. Question("t3", .1, .7), .. Question("s1", .1, .2)];
        var domains = new Dictionary<string, string> { ["t1"] = "town", ["t2"] = "town", ["t3"] = "town", ["s1"] = "ship" };
        Assert.Equal(["t1", "t2", "s1"], PairSelection.Select(rewards, All with { PerDomain = 2 }, new(0) { Domains = domains }).Pairs.Select(p => p.QuestionId));
    }

    [Fact]
    public void Chosen_responses_are_not_longer_on_average_and_the_longest_leads_go_first()
    {
        // Leads of the chosen ones: +50, +20, −10, −15: 45 in all. Without the first they are −5.
        ResponseReward[] rewards =
        [
            R("a", 0, .9, 150), R("a", 1, .1, 100), R("b", 0, .8, 120), R("b", 1, .1, 100),
            R("c", 0, .7, 90), R("c", 1, .1, 100), R("d", 0, .6, 85), R("d", 1, .1, 100),
        ];
        Assert.Equal(["b", "c", "d"], QuestionsOf(rewards, All with { BalanceLength = true }));
        Assert.Equal(["a", "b", "c", "d"], QuestionsOf(rewards, All));
    }

    private static IEnumerable<string> QuestionsOf(IEnumerable<ResponseReward> rewards, PairOptions options) =>
        PairSelection.Select(rewards, options, new(0)).Pairs.Select(p => p.QuestionId);
}

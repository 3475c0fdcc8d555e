using ProxyReward.Pairs.Rules;
using ProxyReward.Pairs.Strategies;
using ProxyReward.Rewards;

namespace ProxyReward.Pairs;

/// <summary>
/// Rewards in, preference pairs out: the questions whose rewards vary most, their highest against their lowest response (the paper's
/// rule), unless the recipe asks for others; then one rule after the other. The result does not depend on the order of the rewards.
/// </summary>
public static class PairSelection
{
    /// <summary>Selects pairs and says at every rule what it removed.</summary>
    /// <param name="rewards">One per response.</param>
    /// <param name="options">The recipe's section.</param>
    /// <param name="context">What else is known.</param>
    /// <exception cref="RequestException">A rule needs what the rewards do not say.</exception>
    public static SelectedPairs Select(IEnumerable<ResponseReward> rewards, PairOptions options, PairContext context)
    {
        var indicators = options.Indicators.Where(i => context.HasPrecision || i != Indicator.Precision).ToList();
        var questions = rewards.GroupBy(r => r.QuestionId, StringComparer.Ordinal)
            .Select(g => new RatedQuestion(g.Key, [.. g.OrderByDescending(r => r.Reward).ThenBy(r => r.Index)])).ToList();

        var kept = questions.OrderByDescending(q => options.Select == QuestionSelection.Variance ? q.Variance : Draws.Of(context.Seed, "select", q.Id).Uniform())
            .ThenBy(q => q.Id, StringComparer.Ordinal)
            .Take((int)Math.Ceiling(options.QuestionShare * questions.Count)).ToList();
        var funnel = new List<FunnelStep>
        {
            new("question_share", "questions", questions.Count, questions.Count - kept.Count, options.Select switch
            {
                QuestionSelection.Variance => "their rewards vary less than those of the questions kept",
                _ => "not drawn",
            }) { QuestionsLeft = kept.Count },
        };

        var strategy = StrategyOf(options, context.Seed);
        var pairs = kept.SelectMany(strategy.PairsOf).ToList();
        if (strategy.WhyNone is { } why)
        {
            var left = QuestionsOf(pairs);
            funnel.Add(new(options.LengthMatched ? "length_matched" : "strategy", "questions", kept.Count, kept.Count - left, why) { QuestionsLeft = left });
        }

        foreach (var rule in RulesOf(options, context, indicators, questions.SelectMany(q => q.Best)))
        {
            var left = rule.Keep(pairs).ToList();
            funnel.Add(new(rule.Key, "pairs", pairs.Count, pairs.Count - left.Count, rule.Why)
            {
                QuestionsLeft = QuestionsOf(left),
                Objections = (rule as ConflictRule)?.Objections(pairs),
            });
            pairs = left;
        }

        return new([.. pairs.Select(pair => PairOf(pair, indicators))], funnel);
    }

    private static IPairStrategy StrategyOf(PairOptions options, long seed) => options switch
    {
        { LengthMatched: true } => new LengthMatched(options.PerQuestion, options.LengthTolerance),
        { Strategy: PairStrategy.HighestLowest } => new HighestLowest(options.PerQuestion),
        { Strategy: PairStrategy.Random } => new RandomPairs(options.PerQuestion, seed),
        { Strategy: PairStrategy.Adjacent } => new Adjacent(options.PerQuestion),
        { Strategy: PairStrategy.BestMedian } => new BestMedian(options.PerQuestion),
        { Strategy: PairStrategy.AllAboveGap } => new AllAboveGap(options.MinGap),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Strategy, "no such strategy"),
    };

    // What concerns single pairs comes first; what looks at the whole set sees only pairs that would stay without it.
    private static IEnumerable<IPairRule> RulesOf(
        PairOptions options, PairContext context, List<Indicator> indicators, IEnumerable<ResponseReward> responses)
    {
        yield return new TieRule();

        if (options.MinGap > 0)
        {
            yield return new MinGapRule(options.MinGap);
        }

        if (options.NoiseVeto > 0)
        {
            yield return responses.Any(r => r.ReadingVariance is not null)
                ? new NoiseVetoRule(options.NoiseVeto)
                : throw new RequestException("pairs.noise_veto: no response was read more than once, so that the reader's noise is not known. Raise reading.repeats, or remove the key.");
        }

        if (options.DropTruncatedChosen)
        {
            yield return new TruncatedChosenRule();
        }

        if (context.MaxLength is { } tokens && responses.Any(r => r.SequenceTokens is not null))
        {
            yield return new MaxLengthRule(tokens);
        }

        if (options.DropConflicts)
        {
            yield return new ConflictRule(indicators);
        }

        if (options.NearDuplicate > 0)
        {
            yield return new NearDuplicateRule(options.NearDuplicate, context.Texts);
        }

        if (options.PerDomain > 0)
        {
            yield return new PerDomainRule(options.PerDomain, context.Domains);
        }

        if (options.BalanceLength)
        {
            yield return new BalanceLengthRule();
        }
    }

    private static int QuestionsOf(IEnumerable<CandidatePair> pairs) => pairs.Select(p => p.QuestionId).Distinct(StringComparer.Ordinal).Count();

    private static PreferencePair PairOf(CandidatePair pair, List<Indicator> indicators) =>
        new(pair.QuestionId, pair.Better.Index, pair.Worse.Index, pair.Better.Reward, pair.Worse.Reward)
        {
            Objections = pair.ObjectorsAmong(indicators).ToList() is { Count: > 0 } objectors ? objectors : null,
        };
}

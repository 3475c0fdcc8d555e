using ProxyReward.Rewards;

namespace ProxyReward.Pairs;

/// <summary>
/// Rewards in, preference pairs out: the questions whose rewards vary most, their highest against their lowest response
/// (the paper's rule). The result does not depend on the order of the rewards.
/// </summary>
public static class PairSelection
{
    /// <summary>Selects pairs and says at every rule what it removed.</summary>
    /// <param name="rewards">One per response.</param>
    /// <param name="options">The recipe's section.</param>
    /// <param name="seed">Draws the questions where they are chosen at random.</param>
    public static SelectedPairs Select(IEnumerable<ResponseReward> rewards, PairOptions options, long seed)
    {
        var funnel = new List<FunnelStep>();
        var questions = rewards.GroupBy(r => r.QuestionId, StringComparer.Ordinal)
            .Select(g => new Rated(g.Key, [.. g.OrderByDescending(r => r.Reward).ThenBy(r => r.Index)]))
            .OrderByDescending(q => options.Select == QuestionSelection.Variance ? q.Variance : Draws.Of(seed, "select", q.Id).Uniform())
            .ThenBy(q => q.Id, StringComparer.Ordinal)
            .ToList();

        var kept = questions.Take((int)Math.Ceiling(options.QuestionShare * questions.Count)).ToList();
        funnel.Add(new("question_share", "questions", questions.Count, questions.Count - kept.Count, options.Select switch
        {
            QuestionSelection.Variance => "their rewards vary less than those of the questions kept",
            _ => "not drawn",
        }));

        var pairs = options.LengthMatched
            ? kept.SelectMany(q => LengthMatched(q, options)).ToList()
            : kept.SelectMany(q => HighestAgainstLowest(q, options.PerQuestion)).ToList();
        if (options.LengthMatched)
        {
            var served = pairs.Select(p => p.Better.QuestionId).Distinct(StringComparer.Ordinal).Count();
            funnel.Add(new("length_matched", "questions", kept.Count, kept.Count - served, "no two of their responses differ in reward but not in length"));
        }

        Drop("tie", _ => true, p => p.Gap <= 0, "both responses have the same reward");
        Drop("min_gap", o => o.MinGap > 0, p => p.Gap < options.MinGap, "the rewards lie too close together");
        Drop("drop_truncated_chosen", o => o.DropTruncatedChosen, p => p.Better.Truncated, "the better response met the token limit");
        Drop("drop_conflicts", o => o.DropConflicts, p => p.Conflicts, "accuracy or precision prefers the other response");
        return new([.. pairs.Select(p => new PreferencePair(p.Better.QuestionId, p.Better.Index, p.Worse.Index, p.Better.Reward, p.Worse.Reward))], funnel);

        void Drop(string rule, Predicate<PairOptions> asked, Predicate<Candidate> drops, string why)
        {
            if (asked(options))
            {
                var before = pairs.Count;
                funnel.Add(new(rule, "pairs", before, pairs.RemoveAll(drops), why));
            }
        }
    }

    private static IEnumerable<Candidate> HighestAgainstLowest(Rated question, int count) =>
        Enumerable.Range(0, Math.Min(count, question.Best.Count / 2)).Select(i => new Candidate(question.Best[i], question.Best[^(i + 1)]));

    // Widest gap first; a response serves in one pair only, so that one outlier does not make all pairs of its question.
    private static IEnumerable<Candidate> LengthMatched(Rated question, PairOptions options)
    {
        var used = new HashSet<int>();
        var candidates =
            from better in question.Best
            from worse in question.Best
            where better.Reward > worse.Reward
                && Math.Abs(better.LengthTokens - worse.LengthTokens) <= options.LengthTolerance * Math.Max(better.LengthTokens, worse.LengthTokens)
            orderby better.Reward - worse.Reward descending, better.Index, worse.Index
            select new Candidate(better, worse);
        return candidates.Where(c => !used.Contains(c.Better.Index) && !used.Contains(c.Worse.Index) && used.Add(c.Better.Index) && used.Add(c.Worse.Index))
            .Take(options.PerQuestion);
    }

    /// <param name="Id">The question.</param>
    /// <param name="Best">Its responses, highest reward first.</param>
    private sealed record Rated(string Id, IReadOnlyList<ResponseReward> Best)
    {
        public double Variance { get; } = VarianceOf([.. Best.Select(r => r.Reward)]);

        private static double VarianceOf(double[] values)
        {
            var mean = values.Average();
            return values.Average(v => (v - mean) * (v - mean));
        }
    }

    private sealed record Candidate(ResponseReward Better, ResponseReward Worse)
    {
        public double Gap => Better.Reward - Worse.Reward;

        public bool Conflicts => Better.Counts.Accuracy < Worse.Counts.Accuracy || Better.Counts.Precision < Worse.Counts.Precision;
    }
}

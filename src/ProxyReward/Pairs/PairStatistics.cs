using System.Text.Json;
using ProxyReward.Rewards;

namespace ProxyReward.Pairs;

/// <summary>
/// Mean and variance of a reward over the responses that a strategy pairs: what the paper's Table 5 tells of its rewards, for each
/// reward and strategy that the same responses allow. One line of pair-statistics.jsonl.
/// </summary>
/// <param name="Reward">What the responses are ranked by, as recipes spell it.</param>
/// <param name="Strategy">
/// A strategy as recipes spell it, before any rule but ties; <c>all_responses</c> for every response of every question; <c>selected</c> for
/// the pairs of pairs.jsonl.
/// </param>
/// <param name="Questions">Questions with a response that counts.</param>
/// <param name="Pairs">Pairs; 0 for <c>all_responses</c>.</param>
/// <param name="Mean">Mean reward of a question's responses that serve in a pair (each counted once), then over questions.</param>
/// <param name="Variance">Population variance over the same responses of a question, then the mean over questions; in the reward's unit squared.</param>
/// <param name="Gap">Mean of chosen minus rejected reward over the pairs; null without pairs.</param>
/// <param name="ExtraTokens">Mean of chosen minus rejected tokens over the pairs; null without pairs.</param>
public sealed record PairStatistics(
    string Reward, string Strategy, int Questions, int Pairs, double Mean, double Variance, double? Gap, double? ExtraTokens)
{
    /// <summary>The row over all responses.</summary>
    public const string AllResponses = "all_responses";

    /// <summary>The row over the pairs that were made.</summary>
    public const string Selected = "selected";

    /// <summary>The rows of an arm: each reward by each strategy.</summary>
    /// <param name="reward">The arm's reward, as recipes spell it.</param>
    /// <param name="rewards">One per response.</param>
    /// <param name="options">The recipe's section; its choice of questions holds for every row.</param>
    /// <param name="context">As for the selection.</param>
    /// <param name="selected">The pairs that were made.</param>
    public static IReadOnlyList<PairStatistics> Of(
        string reward, IReadOnlyList<ResponseReward> rewards, PairOptions options, PairContext context, IReadOnlyList<PreferencePair> selected)
    {
        var rows = new List<PairStatistics>();
        foreach (var (name, ranked) in RankedBy(reward, rewards, context))
        {
            rows.Add(Row(name, AllResponses, ranked, []));
            foreach (var strategy in Enum.GetValues<PairStrategy>())
            {
                var plain = new PairOptions { Select = options.Select, QuestionShare = options.QuestionShare, Strategy = strategy, PerQuestion = options.PerQuestion };
                rows.Add(Row(name, Spell(strategy), ranked, PairSelection.Select(ranked, plain, context).Pairs));
            }

            if (name == reward)
            {
                rows.Add(Row(name, Selected, ranked, selected));
            }
        }

        return rows;
    }

    // The same responses under each reward that their lines hold.
    private static IEnumerable<(string Name, IReadOnlyList<ResponseReward> Rewards)> RankedBy(
        string reward, IReadOnlyList<ResponseReward> rewards, PairContext context)
    {
        (string Name, Func<ResponseReward, double?> Of)[] known =
        [
            (reward, r => r.Reward),
            ("accuracy", r => r.Counts.Accuracy),
            ("precision", r => context.HasPrecision ? r.Counts.Precision : null),
            ("judge", r => r.JudgeRating),
            ("length", r => r.LengthTokens),
        ];
        return known.DistinctBy(k => k.Name, StringComparer.Ordinal)
            .Where(k => rewards.All(r => k.Of(r) is not null))
            .Select(k => (k.Name, (IReadOnlyList<ResponseReward>)[.. rewards.Select(r => r with { Reward = k.Of(r)!.Value })]));
    }

    private static PairStatistics Row(string reward, string strategy, IReadOnlyList<ResponseReward> rewards, IReadOnlyList<PreferencePair> pairs)
    {
        var byPlace = rewards.ToDictionary(r => (r.QuestionId, r.Index));
        var counted = strategy == AllResponses
            ? rewards
            : [.. pairs.SelectMany(p => new[] { (p.QuestionId, p.Chosen), (p.QuestionId, p.Rejected) }).Distinct().Select(place => byPlace[place])];
        var questions = counted.GroupBy(r => r.QuestionId, r => r.Reward, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => g.Order().ToList()).ToList();
        return new(
            reward,
            strategy,
            questions.Count,
            pairs.Count,
            questions.Count == 0 ? 0 : questions.Average(q => q.Average()),
            questions.Count == 0 ? 0 : questions.Average(Rewards.Variance.Of),
            pairs.Count == 0 ? null : pairs.Average(p => p.ChosenReward - p.RejectedReward),
            pairs.Count == 0 ? null : pairs.Average(p => byPlace[(p.QuestionId, p.Chosen)].LengthTokens - byPlace[(p.QuestionId, p.Rejected)].LengthTokens));
    }

    private static string Spell(PairStrategy strategy) => JsonNamingPolicy.SnakeCaseLower.ConvertName(strategy.ToString());
}

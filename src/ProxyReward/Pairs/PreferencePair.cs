using System.Text.Json.Serialization;

namespace ProxyReward.Pairs;

/// <summary>Two responses to one question, the better one first. One line of pairs.jsonl.</summary>
/// <param name="QuestionId">The meta-question.</param>
/// <param name="Chosen">Index of the better response.</param>
/// <param name="Rejected">Index of the other.</param>
/// <param name="ChosenReward">In the unit of the reward.</param>
/// <param name="RejectedReward">In the unit of the reward; lower than the chosen one's.</param>
public sealed record PreferencePair(string QuestionId, int Chosen, int Rejected, double ChosenReward, double RejectedReward)
{
    /// <summary>The indicators that prefer the rejected response; null where none does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Indicator>? Objections { get; init; }
}

/// <summary>One rule of the selection and what it took away: a row of funnel.jsonl.</summary>
/// <param name="Rule">The recipe's key, or <c>tie</c>.</param>
/// <param name="Unit">questions or pairs.</param>
/// <param name="Before">How many came in.</param>
/// <param name="Removed">How many the rule removed.</param>
/// <param name="Why">For people.</param>
public sealed record FunnelStep(string Rule, string Unit, int Before, int Removed, string Why)
{
    /// <summary>Questions that are left: chosen, and with a pair once pairs are made.</summary>
    public int QuestionsLeft { get; init; }

    /// <summary>Pairs that each indicator objected to; null for rules that ask none. A pair with two objectors counts for both.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<Indicator, int>? Objections { get; init; }
}

/// <summary>The pairs, best-separated questions first, and how they came about.</summary>
public sealed record SelectedPairs(IReadOnlyList<PreferencePair> Pairs, IReadOnlyList<FunnelStep> Funnel);

using System.Text.Json.Serialization;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Rewards;

/// <summary>The reward of one response with the parts it and the pair rules are made of. One line of rewards.jsonl.</summary>
/// <param name="QuestionId">The meta-question.</param>
/// <param name="Index">The response within the question.</param>
/// <param name="Reward">In the unit of the reward.</param>
/// <param name="Counts">The verdicts, counted.</param>
/// <param name="LengthTokens">Generated tokens.</param>
/// <param name="Truncated">The response met the token limit.</param>
public sealed record ResponseReward(
    string QuestionId, int Index, double Reward, ProxyCounts Counts, int LengthTokens, bool Truncated)
{
    /// <summary>What the reward is the sum of, by name and in its unit (see <see cref="Score"/>).</summary>
    public IReadOnlyDictionary<string, double> Parts { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Tokens of prompt and response together, the end token included; null where the policy does not count its prompts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SequenceTokens { get; init; }

    /// <summary>What the judge says, 1–10; null where it is no indicator.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? JudgeRating { get; init; }

    /// <summary>Correct / all proxies by the second reader; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SecondReaderAccuracy { get; init; }

    /// <summary>Variance of the reward over repeated readings of the response, in its unit squared; null where it was read once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ReadingVariance { get; init; }

    /// <summary>The response's id.</summary>
    [JsonIgnore]
    public string ResponseId => Response.IdOf(QuestionId, Index);
}

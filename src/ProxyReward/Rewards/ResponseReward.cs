using System.Text.Json.Serialization;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Rewards;

/// <summary>The reward of one response with the parts it and the pair filters are made of. One line of rewards.jsonl.</summary>
/// <param name="QuestionId">The meta-question.</param>
/// <param name="Index">The response within the question.</param>
/// <param name="Reward">In the unit of the reward.</param>
/// <param name="Counts">The verdicts, counted.</param>
/// <param name="LengthTokens">Generated tokens.</param>
/// <param name="Truncated">The response met the token limit.</param>
public sealed record ResponseReward(
    string QuestionId, int Index, double Reward, ProxyCounts Counts, int LengthTokens, bool Truncated)
{
    /// <summary>The response's id.</summary>
    [JsonIgnore]
    public string ResponseId => Response.IdOf(QuestionId, Index);
}

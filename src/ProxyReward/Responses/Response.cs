using System.Text.Json.Serialization;

namespace ProxyReward.Responses;

/// <summary>One answer that a policy wrote to a meta-question.</summary>
/// <param name="QuestionId">The meta-question.</param>
/// <param name="Index">0 … k−1 within the question.</param>
/// <param name="Text">What the readers see.</param>
/// <param name="TokenIds">The policy's tokens, the end token included when it was generated: training uses these, never a second tokenization.</param>
/// <param name="LengthTokens">Generated tokens, the end token not counted.</param>
/// <param name="Truncated">The response met the token limit without its end token.</param>
/// <param name="Opening">The text of the first 120 tokens, an unfinished last sentence dropped (see <c>accuracy_at_120</c>).</param>
public sealed record Response(
    string QuestionId,
    int Index,
    string Text,
    IReadOnlyList<int> TokenIds,
    int LengthTokens,
    bool Truncated,
    string Opening)
{
    /// <summary>Tokens of the opening that <c>accuracy_at_120</c> looks at.</summary>
    public const int OpeningTokens = 120;

    /// <summary>Tokens of the prompt as the policy wrote it out; null where the policy does not say (hosted models).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PromptTokens { get; init; }

    /// <summary>Stable id, <c>question#index</c>.</summary>
    public string Id => IdOf(QuestionId, Index);

    /// <summary>The id of response <paramref name="index"/> to a question.</summary>
    public static string IdOf(string questionId, int index) => $"{questionId}#{index}";
}

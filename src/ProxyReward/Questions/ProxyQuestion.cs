using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProxyReward.Questions;

/// <summary>
/// A boolean statement that a good answer to its meta-question must settle (paper, section "Proxy questions").
/// </summary>
/// <param name="Id">Unique within the question set.</param>
/// <param name="Statement">The statement a reader judges from the response alone.</param>
/// <param name="Answer">The gold answer.</param>
/// <param name="Evidence">What the keyword reader looks for; null where the set has none.</param>
public sealed record ProxyQuestion(
    string Id,
    string Statement,
    bool Answer,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Evidence>? Evidence = null)
{
    /// <summary>Fields of the file that this project does not know (rationale, importance, …): kept as they are.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; init; }
}

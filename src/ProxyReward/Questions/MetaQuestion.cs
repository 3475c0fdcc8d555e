using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProxyReward.Questions;

/// <summary>
/// An open-ended question ("Write a comprehensive article on …") with the proxy questions that a good answer settles.
/// One line of a question set.
/// </summary>
/// <param name="Id">Unique within the question set.</param>
/// <param name="Domain">What the question is about; free text, used for caps and tables.</param>
/// <param name="Text">The prompt given to the policy (<c>meta_question</c> in the file).</param>
/// <param name="Proxies">At least one proxy question.</param>
public sealed record MetaQuestion(
    string Id,
    string Domain,
    [property: JsonPropertyName("meta_question")] string Text,
    IReadOnlyList<ProxyQuestion> Proxies)
{
    /// <summary>Fields of the file that this project does not know (source, split, …): kept as they are.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; init; }
}

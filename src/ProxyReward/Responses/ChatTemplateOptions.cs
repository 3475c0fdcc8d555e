using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProxyReward.Responses;

/// <summary>What the chat templates of models on this machine are told beside the chat. Nothing comes from the clock: the same recipe gives the same prompts.</summary>
public sealed record ChatTemplateOptions
{
    [Description("What strftime_now says, a date (2026-01-31) or a date and time (2026-01-31T12:00:00); without it a template has no such function, and takes its own fixed date where it has one")]
    public DateTime? Now { get; init; }

    [Description("Variables of the template's own, each a text, a number, true or false, for example enable_thinking: false")]
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>What is set, in one line: the same line means the same prompts. Empty where nothing is.</summary>
    [JsonIgnore]
    public string Line => string.Join(", ", [
        .. Now is { } now ? [FormattableString.Invariant($"now={now:s}")] : Array.Empty<string>(),
        .. Variables.OrderBy(variable => variable.Key, StringComparer.Ordinal).Select(variable => $"{variable.Key}={variable.Value.GetRawText()}")]);
}

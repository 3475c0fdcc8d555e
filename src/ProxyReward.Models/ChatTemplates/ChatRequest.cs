using System.Text.Json;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>One turn of a chat.</summary>
/// <param name="Role">"system", "user", "assistant", …; what the template knows.</param>
/// <param name="Content">Its text. It is data: template syntax in it is not evaluated.</param>
public sealed record ChatTurn(string Role, string Content);

/// <summary>What a template is rendered with, as JSON: for chats with tools, documents or variables of the template's own.</summary>
public sealed record ChatRequest
{
    /// <summary>An array of messages: objects with role, content and whatever else the template reads.</summary>
    public required JsonElement Messages { get; init; }

    /// <summary>Whether the text ends where the assistant is to go on.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>An array of tools; null where there are none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>An array of documents; null where there are none.</summary>
    public JsonElement? Documents { get; init; }

    /// <summary>Further variables (enable_thinking, date_string, …); they go before the tokenizer's.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>What <c>strftime_now</c> says. Without it a template finds no such function, and takes its own fixed date if it has one.</summary>
    public DateTime? Now { get; init; }
}

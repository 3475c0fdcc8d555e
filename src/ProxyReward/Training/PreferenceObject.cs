using System.Text.Json;

namespace ProxyReward.Training;

/// <summary>A JSON object of a preference file, whose values are asked for by type. What is missing or of another type is an error with its place.</summary>
internal sealed class PreferenceObject
{
    private readonly JsonElement json;

    public PreferenceObject(JsonElement json, string place)
    {
        (this.json, Place) = (json, place);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Wrong($"this is {Kind(json)}", "a pair is an object, for example {\"prompt\": …, \"chosen\": …, \"rejected\": …}");
        }
    }

    public string Place { get; }

    /// <summary>Its keys, for messages.</summary>
    public string Keys => string.Join(", ", json.EnumerateObject().Select(property => property.Name)) is { Length: > 0 } keys ? keys : "(none)";

    /// <summary>Refuses a key that says something which would change the prompt and is not read.</summary>
    public void Refuse(string key)
    {
        if (Has(key) && json.GetProperty(key) is var value && value.ValueKind switch
        {
            JsonValueKind.Array => value.GetArrayLength() > 0,
            JsonValueKind.Object => value.EnumerateObject().Any(),
            JsonValueKind.String => Text(key).Length > 0,
            _ => true,
        })
        {
            throw Wrong($"'{key}' is part of what the model is shown, and is not trained on here", "leave such pairs out; or remove the key, and train on the texts alone");
        }
    }

    public bool Has(string key) => json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    public bool IsText(string key) => json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String;

    public string Text(string key) => IsText(key) ? json.GetProperty(key).GetString()! : throw Wrong($"'{key}' is {KindOf(key)}", "give a text");

    public string TextOr(string key, string otherwise) => Has(key) ? Text(key) : otherwise;

    public PreferenceObject Object(string key) => Has(key) ? new(json.GetProperty(key), $"{Place}: '{key}'") : throw Wrong($"'{key}' is missing", "give an object");

    /// <summary>Whether it is one message, in a list or by itself.</summary>
    public bool IsOneMessage(string key) => Has(key) && json.GetProperty(key) is var value
        && (value.ValueKind == JsonValueKind.Object || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1));

    /// <summary>A message, or a list of at least one.</summary>
    public IReadOnlyList<Message> Messages(string key)
    {
        var value = Has(key) ? json.GetProperty(key) : throw Wrong($"'{key}' is missing", "give a list of messages");
        return value.ValueKind switch
        {
            JsonValueKind.Object => [MessageOf(value, key)],
            JsonValueKind.Array when value.GetArrayLength() > 0 => [.. value.EnumerateArray().Select(message => MessageOf(message, key))],
            _ => throw Wrong($"'{key}' is {Kind(value)}", "give a list of messages, {\"role\": …, \"content\": …} each, in prompt, chosen and rejected alike"),
        };
    }

    /// <summary>Earlier turns as LLaMA-Factory writes them: a list of [what the user said, what the assistant answered].</summary>
    public IEnumerable<Message> Turns(string key)
    {
        if (!Has(key))
        {
            return [];
        }

        var value = json.GetProperty(key);
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(turn => turn.ValueKind == JsonValueKind.Array
                && turn.GetArrayLength() == 2 && turn.EnumerateArray().All(text => text.ValueKind == JsonValueKind.String))
            ? value.EnumerateArray().SelectMany(turn => new[] { new Message("user", turn[0].GetString()!), new Message("assistant", turn[1].GetString()!) })
            : throw Wrong($"'{key}' is no list of turns", "write each turn as [question, answer]");
    }

    public RequestException Wrong(string what, string mend) => new($"{Place}: {what}. Mend it: {mend}.");

    private Message MessageOf(JsonElement message, string key)
    {
        var fields = new PreferenceObject(message, $"{Place}: '{key}'");
        if (fields.Has("tool_calls"))
        {
            throw fields.Wrong("a message calls tools, which are not trained on", "leave such pairs out");
        }

        return fields.Has("from")
            ? new Message(RoleOf(fields), fields.Text("value"))
            : new Message(fields.Text("role"), fields.IsText("content") ? fields.Text("content") : fields.Parts());
    }

    private static string RoleOf(PreferenceObject message) => message.Text("from") switch
    {
        "human" or "user" => "user",
        "gpt" or "assistant" => "assistant",
        "system" => "system",
        var other => throw message.Wrong($"'{other}' is nobody who speaks here", "it is human, gpt or system; tools are not trained on"),
    };

    // OpenAI's content in parts; only text is understood.
    private string Parts()
    {
        if (!Has("content") || json.GetProperty("content").ValueKind != JsonValueKind.Array)
        {
            throw Wrong($"'content' is {KindOf("content")}", "give a text");
        }

        return string.Concat(json.GetProperty("content").EnumerateArray().Select(part => new PreferenceObject(part, $"{Place}: 'content'").Text("text")));
    }

    private string KindOf(string key) => json.TryGetProperty(key, out var value) ? Kind(value) : "missing";

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a text",
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "an empty list" : "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.Null => "null",
        _ => "a single value",
    };
}

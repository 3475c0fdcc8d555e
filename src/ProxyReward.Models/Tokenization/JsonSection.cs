using System.Text.Json;

namespace ProxyReward.Models.Tokenization;

/// <summary>A part of a JSON file that knows where it is, so that what is wrong with it can be said with its place.</summary>
internal readonly record struct JsonSection(JsonElement Element, string Path, string Source)
{
    /// <summary>Whether it is absent or null.</summary>
    public bool IsNone => Element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The entry "type", by which Hugging Face tells components apart.</summary>
    public string Type => this["type"].Text();

    /// <summary>An entry of an object.</summary>
    public JsonSection this[string name] => new(
        Expect(JsonValueKind.Object, "an object").TryGetProperty(name, out var value) ? value : default, $"{Path}.{name}", Source);

    /// <summary>The value as it is written, its beginning if it is long; for messages.</summary>
    public string Shortened => Element.GetRawText() is { Length: > 200 } text ? text[..200] + "…" : Element.GetRawText();

    /// <summary>Its text.</summary>
    public string Text()
    {
        try
        {
            return Expect(JsonValueKind.String, "a text").GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw TokenizerFile.Broken(Source, $"{Path}: {e.Message}");
        }
    }

    /// <summary>Its truth value; <paramref name="absent"/> where it is absent or null.</summary>
    public bool Flag(bool absent = false) => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => absent,
        _ => throw Wrong("true or false"),
    };

    /// <summary>Its integer.</summary>
    public int Integer() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var value) ? value : throw Wrong("an integer");

    /// <summary>Its elements; none where it is absent or null.</summary>
    public IEnumerable<JsonSection> Items()
    {
        if (IsNone)
        {
            yield break;
        }

        var index = 0;
        foreach (var element in Expect(JsonValueKind.Array, "an array").EnumerateArray())
        {
            yield return new JsonSection(element, $"{Path}[{index++}]", Source);
        }
    }

    private JsonElement Expect(JsonValueKind kind, string name) => Element.ValueKind == kind ? Element : throw Wrong(name);

    private RequestException Wrong(string wanted) => TokenizerFile.Broken(Source, $"{Path} is {(IsNone ? "missing" : Element.ValueKind)}, not {wanted}");
}

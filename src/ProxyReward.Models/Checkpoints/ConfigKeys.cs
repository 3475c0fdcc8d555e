using System.Globalization;
using System.Text.Json;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// A JSON object whose every key must be accounted for: read, known to be harmless, or refused by name. A null counts as absent.
/// </summary>
/// <param name="json">The object.</param>
/// <param name="place">File and key, for errors.</param>
internal sealed class ConfigKeys(JsonElement json, string place)
{
    private readonly HashSet<string> seen = [];

    public string Place => place;

    public bool Has(string key) => Find(key) is not null;

    /// <summary>Whether the key is there, be it with null.</summary>
    public bool IsPresent(string key) => json.TryGetProperty(key, out _);

    public int Int(string key, int? otherwise = null, int least = 1) =>
        Find(key) is not { } value ? otherwise ?? throw Missing(key)
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least ? number
        : throw Wrong(key, value, $"a whole number from {least} up");

    public double Number(string key, double? otherwise = null, bool orZero = false) =>
        Find(key) is not { } value ? otherwise ?? throw Missing(key)
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && (orZero ? number >= 0 : number > 0) && double.IsFinite(number) ? number
        : throw Wrong(key, value, orZero ? "a number from 0 up" : "a number above 0");

    public bool Bool(string key, bool otherwise) => Find(key)?.ValueKind switch
    {
        null => otherwise,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, Find(key)!.Value, "true or false"),
    };

    public string Text(string key, string? otherwise = null) =>
        Find(key) is not { } value ? otherwise ?? throw Missing(key)
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw Wrong(key, value, "text");

    /// <summary>A list, or one value that stands for a list of one; null where absent.</summary>
    public IReadOnlyList<JsonElement>? List(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray()],
        var one => [one.Value],
    };

    /// <summary>Ids of a vocabulary of so many tokens, one or a list; null where absent, which an empty list is as well.</summary>
    public IReadOnlyList<int>? Ids(string key, int vocabulary) => List(key) is not { Count: > 0 } items ? null : [.. items.Select(item =>
        item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id >= 0 && id < vocabulary
            ? id
            : throw Wrong(key, item, $"token ids from 0 to {vocabulary - 1}, the last of the vocabulary"))];

    public ConfigKeys? Object(string key) =>
        Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new ConfigKeys(value, $"{place}, {key}")
        : throw Wrong(key, value, "an object");

    /// <summary>A key that is understood with one value only.</summary>
    public void MustBe(string key, string expected)
    {
        if (Find(key) is { } value && Spelled(value) != expected)
        {
            throw new RequestException($"{place}: '{key}' is {value.GetRawText()}, which this engine does not compute (only {expected}); the checkpoint cannot be used.");
        }
    }

    /// <summary>Refuses keys that were neither read nor are harmless: ignoring one could compute something else, silently.</summary>
    public void RefuseOthers(IReadOnlySet<string> harmless)
    {
        foreach (var property in json.EnumerateObject())
        {
            if (!IsOff(property.Value) && property.Name[..Math.Min(1, property.Name.Length)] != "_" && !seen.Contains(property.Name) && !harmless.Contains(property.Name))
            {
                throw new RequestException(
                    $"{place}: key '{property.Name}' is not known and might change what is computed; remove it if the model does not depend on it.");
            }
        }
    }

    public RequestException Wrong(string key, JsonElement value, string wanted) =>
        new($"{place}: '{key}' must be {wanted}, not {Shortened(value.GetRawText())}.");

    /// <summary>A value that asks for nothing.</summary>
    private static bool IsOff(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private RequestException Missing(string key) => new($"{place}: key '{key}' is missing; fetch the file again.");

    private static string Shortened(string text) => text.Length <= 60 ? text : text[..60] + "…";

    private static string Spelled(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.GetDouble().ToString(CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };

    private JsonElement? Find(string key)
    {
        seen.Add(key);
        return json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}

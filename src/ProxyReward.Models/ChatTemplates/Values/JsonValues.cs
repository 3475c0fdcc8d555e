using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace ProxyReward.Models.ChatTemplates.Values;

/// <summary>JSON as values: 1 is an int and 1.0 a float, objects keep their order.</summary>
internal static class JsonValues
{
    public static Value From(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => new Text(json.GetString()!),
        JsonValueKind.True => Boolean.True,
        JsonValueKind.False => Boolean.False,
        JsonValueKind.Number => Number(json.GetRawText()),
        JsonValueKind.Array => new Sequence([.. json.EnumerateArray().Select(From)]),
        JsonValueKind.Object => Object(json),
        _ => None.Value,
    };

    private static Value Number(string digits) => digits.AsSpan().ContainsAny('.', 'e', 'E')
        ? new Real(double.Parse(digits, CultureInfo.InvariantCulture))
        : Numbers.Of(BigInteger.Parse(digits, CultureInfo.InvariantCulture));

    private static Mapping Object(JsonElement json)
    {
        var entries = new OrderedDictionary<Value, Value>();
        foreach (var property in json.EnumerateObject())
        {
            entries[new Text(property.Name)] = From(property.Value);
        }

        return new Mapping(entries);
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProxyReward.Models.Tests.Tokenization;

/// <summary>JSON in which one value is another.</summary>
internal static class EditedJson
{
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="json">Sound.</param>
    /// <param name="path">Keys and indices between dots.</param>
    /// <param name="value">JSON as well.</param>
    public static string With(ReadOnlySpan<byte> json, string path, string value)
    {
        var root = JsonNode.Parse(json)!;
        var keys = path.Split('.');
        var parent = keys[..^1].Aggregate(root, (node, key) => (int.TryParse(key, out var index) ? node[index] : node[key])!);
        if (int.TryParse(keys[^1], out var last))
        {
            parent[last] = JsonNode.Parse(value);
        }
        else
        {
            parent[keys[^1]] = JsonNode.Parse(value);
        }

        return root.ToJsonString(Options);
    }
}

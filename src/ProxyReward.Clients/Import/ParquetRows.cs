using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parquet.Serialization;

namespace ProxyReward.Clients.Import;

/// <summary>The rows of a Parquet file as JSON objects.</summary>
internal static class ParquetRows
{
    public static async Task<IEnumerable<(string Place, JsonObject Row)>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            var result = await ParquetSerializer.DeserializeUntypedAsync(file, cancellationToken: cancellationToken);
            return [.. result.Data.Select((row, i) => ($"{path}, row {i + 1}", (JsonObject)Node(row)!))];
        }
        catch (Exception e) when (e is not (OperationCanceledException or RequestException))
        {
            // The library reports damage with whatever exception the damage leads to.
            throw new RequestException($"{path}: cannot be read as Parquet ({e.Message}).", e);
        }
    }

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        IDictionary<string, object?> fields => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, Node(field.Value)))),
        IDictionary fields =>
            new JsonObject(fields.Cast<DictionaryEntry>().Select(field => KeyValuePair.Create($"{field.Key}", Node(field.Value)))),
        string text => JsonValue.Create(text),
        ReadOnlyMemory<char> text => JsonValue.Create(text.ToString()), // in a list of texts
        byte[] bytes => JsonValue.Create(Convert.ToBase64String(bytes)),
        IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(Node)]),
        _ => JsonSerializer.SerializeToNode(value, value.GetType(), Json.Line),
    };
}

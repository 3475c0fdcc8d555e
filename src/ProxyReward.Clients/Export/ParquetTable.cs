using System.Text.Json;
using System.Text.Json.Nodes;
using Parquet.Schema;
using Parquet.Serialization;

namespace ProxyReward.Clients.Export;

/// <summary>
/// JSON objects as a Parquet file, a row each. The columns are those of all rows together: whole numbers as int64, others as double, objects as
/// structs, arrays as lists; what has different forms in different rows, or none that Parquet knows, is its JSON as text. An absent value, null and
/// an empty list are the same.
/// </summary>
public static class ParquetTable
{
    /// <summary>Writes a file whole: whoever opens the name finds all of it or none.</summary>
    /// <param name="rows">At least one, with at least one key among them.</param>
    /// <param name="path">Replaced if there.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public static async Task WriteAsync(IReadOnlyList<JsonObject> rows, string path, CancellationToken cancellationToken)
    {
        var columns = Columns(rows);
        List<IDictionary<string, object?>> values = [.. rows.Select(row => Values(row, columns))];
        var partial = path + ".partial";
        await using (var file = File.Create(partial))
        {
            await ParquetSerializer.SerializeUntypedAsync(values!, new ParquetSchema(columns.Select(column => column.Field)), file, cancellationToken: cancellationToken);
        }

        File.Move(partial, path, overwrite: true);
    }

    private static List<Column> Columns(IReadOnlyCollection<JsonObject> objects) =>
        [.. objects.SelectMany(o => o.Select(property => property.Key)).Distinct(StringComparer.Ordinal)
            .Select(name => ColumnOf(name, [.. objects.Select(o => o[name]).OfType<JsonNode>()]))];

    private static Column ColumnOf(string name, IReadOnlyCollection<JsonNode> values)
    {
        var kinds = values.Select(value => value.GetValueKind()).Select(kind => kind == JsonValueKind.False ? JsonValueKind.True : kind).Distinct().ToList();
        switch (kinds)
        {
            case [JsonValueKind.Object] when Columns([.. values.Cast<JsonObject>()]) is { Count: > 0 } inner:
                return Column.Of<IDictionary<string, object?>?>(name, new StructField(name, [.. inner.Select(column => column.Field)]), value => Values((JsonObject)value, inner));
            case [JsonValueKind.Array]:
                var element = ColumnOf(ListField.ElementName, [.. values.Cast<JsonArray>().SelectMany(array => array).OfType<JsonNode>()]);

                // A list of lists is a list of texts: the library does not write deeper ones.
                element = element.Field is ListField ? Text(element.Name, AsJson) : element;
                return Column.Of<object?>(name, new ListField(name, element.Field), value => element.List((JsonArray)value));
            case [JsonValueKind.True]:
                return Column.Of<bool?>(name, new DataField<bool?>(name), value => value.GetValue<bool>());
            case [JsonValueKind.Number] when values.All(value => value.AsValue().TryGetValue<long>(out _)):
                return Column.Of<long?>(name, new DataField<long?>(name), value => value.GetValue<long>());
            case [JsonValueKind.Number]:
                return Column.Of<double?>(name, new DataField<double?>(name), value => value.GetValue<double>());
            case [JsonValueKind.String]:
                return Text(name, value => value.GetValue<string>());
            default:
                return Text(name, AsJson);
        }
    }

    private static string AsJson(JsonNode value) => value.ToJsonString(Json.Line);

    // Of texts alone the library wants a list of another type.
    private static Column Text(string name, Func<JsonNode, string> text) => new(
        name, new DataField<string>(name), text, array => array.Select(item => item is null ? (ReadOnlyMemory<char>?)null : text(item).AsMemory()).ToList());

    private static Dictionary<string, object?> Values(JsonObject row, IReadOnlyList<Column> columns) =>
        columns.ToDictionary(column => column.Name, column => row[column.Name] is { } value ? column.Value(value) : null, StringComparer.Ordinal);

    // The library wants lists of the very type of their elements.
    private sealed record Column(string Name, Field Field, Func<JsonNode, object?> Value, Func<JsonArray, object> List)
    {
        public static Column Of<T>(string name, Field field, Func<JsonNode, T> value) => new(
            name, field, node => value(node), array => array.Select(item => item is null ? default : value(item)).ToList());
    }
}

using System.Text.Json.Nodes;
using ProxyReward.Clients.Export;
using ProxyReward.Clients.Import;
using ProxyReward.Testing;

namespace ProxyReward.Clients.Tests.Export;

public sealed class ParquetTableTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"id":"a","n":3,"x":0.5,"ok":true}""", """{"id":"ü \"b\"","n":-9007199254740993,"x":2,"ok":false}""")]
    [InlineData("""{"tokens":[1,2,3]}""", """{"tokens":[]}""", """{"tokens":[70000]}""")]
    [InlineData("""{"id":"a","verdicts":[{"p":"1","v":"True","q":"so"},{"p":"2","v":"NotStated"}]}""", """{"id":"b","verdicts":[{"p":"3","v":"False","q":"x"}]}""")]
    [InlineData("""{"base":{"accuracy":{"mean":0.25,"n":24},"pairs":null}}""", """{"base":{"accuracy":{"mean":1,"n":3},"pairs":7}}""")]
    [InlineData("""{"a":1}""", """{"b":"only here"}""")]
    [InlineData("""{"names":["x","y"]}""", """{"names":null}""")]
    public async Task What_is_written_is_read_back(params string[] lines)
    {
        List<JsonObject> rows = [.. lines.Select(Parse)];
        await ParquetTable.WriteAsync(rows, folder["t.parquet"], TestContext.Current.CancellationToken);
        var read = (await ParquetRows.ReadAsync(folder["t.parquet"], TestContext.Current.CancellationToken)).Select(row => row.Row).ToList();
        Assert.Equal(rows.Select(row => WithoutNulls(row)!.ToJsonString()), read.Select(row => WithoutNulls(row)!.ToJsonString()));
    }

    [Fact]
    public async Task What_has_no_one_form_is_kept_as_text()
    {
        await ParquetTable.WriteAsync(
            [Parse("""{"evidence":["a",["b","c"]],"odd":1}"""), Parse("""{"evidence":["d"],"odd":"one"}""")], folder["t.parquet"], TestContext.Current.CancellationToken);
        var read = (await ParquetRows.ReadAsync(folder["t.parquet"], TestContext.Current.CancellationToken)).Select(row => row.Row.ToJsonString());
        Assert.Equal(["""{"evidence":["\u0022a\u0022","[\u0022b\u0022,\u0022c\u0022]"],"odd":"1"}""", """{"evidence":["\u0022d\u0022"],"odd":"\u0022one\u0022"}"""], read);
    }

    private static JsonObject Parse(string line) => (JsonObject)JsonNode.Parse(line)!;

    // A key without a value, with an empty list and no key at all are the same to Parquet; so are 2 and 2.0 in a column of doubles.
    private static JsonNode? WithoutNulls(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Where(p => p.Value is not (null or JsonArray { Count: 0 })).Select(p => KeyValuePair.Create(p.Key, WithoutNulls(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(WithoutNulls)]),
        JsonValue v when v.TryGetValue<double>(out var number) && Math.Abs(number) < 1e9 => JsonValue.Create(number),
        _ => node?.DeepClone(),
    };
}

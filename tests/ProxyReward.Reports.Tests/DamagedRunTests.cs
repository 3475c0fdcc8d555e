using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Runs;
using ProxyReward.Testing;

namespace ProxyReward.Reports.Tests;

/// <summary>Files that are JSON but not what a run writes.</summary>
public sealed class DamagedRunTests : IDisposable
{
    private static readonly string[] Wrong = ["null", "-1", "0", "1e308", "\"x\"", "true", "[]", "{}", "[null]"];
    private readonly TemporaryFolder folder = new(inMemory: true);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Whatever_a_value_is_replaced_with_there_is_a_report()
    {
        var lab = new FakeLab(folder["lab"]);
        var store = new RunFolder(folder["run"]);
        using (var run = Run.Open(lab.Recipe(), lab.Parts(), store, new SilentProgress()))
        {
            await foreach (var _ in new IterationRunner(run).RunAsync(TestContext.Current.CancellationToken))
            {
                // Each stage follows the one before.
            }
        }

        var draws = Draws.Of(1, "damage");
        var files = Directory.EnumerateFiles(folder["run"], "*.json*", SearchOption.AllDirectories).Where(path => Path.GetFileName(Path.GetDirectoryName(path)) != "checkpoint");
        foreach (var path in files.Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder["run"], path);
            var whole = store.Read(name);
            for (var i = 0; i < 12; i++)
            {
                store.Write(name, Damage(whole, name.EndsWith('l'), draws));
                Assert.Equal(store.PathOf(Report.FileName), Report.Write(folder["run"]));
            }

            store.Write(name, whole);
        }
    }

    // Another value, or none, in place of one somewhere in one line (JSONL) or in the file (JSON).
    private static byte[] Damage(byte[] bytes, bool lines, Draws draws)
    {
        var text = System.Text.Encoding.UTF8.GetString(bytes);
        string[] values = lines ? text.TrimEnd('\n').Split('\n') : [text];
        var at = draws.Below(values.Length);
        var root = JsonNode.Parse(values[at])!;
        var nodes = Below(root).ToList();
        var node = nodes[draws.Below(nodes.Count)];
        var other = draws.Below(Wrong.Length + 1);
        if (other == Wrong.Length && node.Parent is JsonObject parent)
        {
            parent.Remove(node.GetPropertyName());
        }
        else
        {
            node.ReplaceWith(JsonNode.Parse(Wrong[other % Wrong.Length]));
        }

        values[at] = root.ToJsonString();
        return System.Text.Encoding.UTF8.GetBytes(string.Join('\n', values) + "\n");
    }

    private static IEnumerable<JsonNode> Below(JsonNode node) => (node switch
    {
        JsonObject o => o.Select(p => p.Value),
        JsonArray a => a,
        _ => [],
    }).OfType<JsonNode>().SelectMany(child => Below(child).Prepend(child));
}

using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Decoding;

/// <summary>Warpers on rows made to be hard: ties, one dominant token, minus infinity, huge logits, a flat row.</summary>
public sealed class SamplerRowTests
{
    [Fact]
    public void Warpers_equal_the_reference_on_hard_rows()
    {
        var root = FixtureRoot.Require("models");
        var files = Directory.GetFiles(root, "expected.json", SearchOption.AllDirectories)
            .Where(file => Parse(file).TryGetProperty("rows", out _)).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var expected = Parse(file);
            using var numbers = SafetensorsFolder.Open(Path.ChangeExtension(file, ".safetensors"));
            int[] context = [.. expected.GetProperty("context_ids").EnumerateArray().Select(id => id.GetInt32())];
            foreach (var row in expected.GetProperty("rows").EnumerateObject())
            {
                GeneratorTests.CheckCases(row.Value, Read(numbers, $"{row.Name}.logits"), Read(numbers, $"{row.Name}.probs"), context);
            }
        }
    }

    private static JsonElement Parse(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        return json.RootElement.Clone();
    }

    private static float[] Read(SafetensorsFolder numbers, string name)
    {
        var values = new float[numbers.Shapes[name].Aggregate(1L, (product, extent) => product * extent)];
        numbers.ReadFloat32(name, values);
        return values;
    }
}

using System.Text.Json;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;
using TorchSharp;

namespace ProxyReward.Models.Tests.Transformer;

/// <summary>Whole models read from GGUF, quantised ones among them.</summary>
public sealed class GgufModelTests
{
    [Fact]
    public void Log_probs_of_every_model_equal_the_reference()
    {
        var root = FixtureRoot.Require("models");
        var compared = 0;
        foreach (var file in Directory.EnumerateFiles(root, "expected.json", SearchOption.AllDirectories))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var entry in json.RootElement.EnumerateObject().Where(IsGgufModel))
            {
                Compare(Path.Combine(Path.GetDirectoryName(file)!, entry.Value.GetProperty("file").GetString()!), entry.Value.GetProperty("sequences"));
                compared++;
            }
        }

        Assert.NotEqual(0, compared);
    }

    private static bool IsGgufModel(JsonProperty entry) => entry.Value.ValueKind == JsonValueKind.Object
        && entry.Value.TryGetProperty("file", out var file) && file.GetString()!.EndsWith(".gguf", StringComparison.Ordinal)
        && entry.Value.TryGetProperty("sequences", out _);

    private static void Compare(string path, JsonElement sequences)
    {
        using var checkpoint = Checkpoint.Open(path);
        var layout = new ParameterLayout(checkpoint.Config);
        using var model = new LanguageModel(checkpoint.Config, Parameters.Load(layout, checkpoint.Tensors, path, torch.ScalarType.Float32));
        foreach (var sequence in sequences.EnumerateArray())
        {
            int[] ids = [.. sequence.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            float[] expected = [.. sequence.GetProperty("logprobs").EnumerateArray().Select(value => value.GetSingle())];
            using var hidden = model.Forward(new PackedBatch([ids]));

            // The last log-prob is of a target that the file does not name.
            using var scored = hidden.narrow(0, 0, ids.Length - 1);
            var actual = model.Head.LogProbs(scored, ids[1..]);
            for (var i = 0; i < actual.Length; i++)
            {
                Assert.Equal(expected[i], actual[i], 2e-4f);
            }
        }
    }
}

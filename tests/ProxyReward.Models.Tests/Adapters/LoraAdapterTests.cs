using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Tests.Preference;
using ProxyReward.Models.Transformer;
using ProxyReward.Testing;
using TorchSharp;

namespace ProxyReward.Models.Tests.Adapters;

/// <summary>Adapters against PEFT, at the tolerances of the fixtures' README.</summary>
public sealed class LoraAdapterTests
{
    public static TheoryData<string> All => FixtureRoot.Find("models") is { } root
        ? [.. Directory.EnumerateFiles(root, "adapter_config.json", SearchOption.AllDirectories)
            .Select(file => Path.GetDirectoryName(file)!).Where(folder => File.Exists(Path.Combine(folder, "expected.json")))
            .Select(folder => Path.GetRelativePath(root, folder)).Order(StringComparer.Ordinal)]
        : [""];

    [Theory]
    [MemberData(nameof(All))]
    public void Logits_and_log_probs_equal_PEFTs(string relative)
    {
        using var reference = new Reference(relative);
        reference.Model.Adapter = reference.Adapter;
        var compared = 0; // of the longest sequence there are log-probs alone
        foreach (var sequence in reference.Json.GetProperty("sequences").EnumerateArray())
        {
            var name = $"seq{sequence.GetProperty("index").GetInt32()}";
            using var hidden = reference.Model.Forward(new PackedBatch([Ints(sequence, "ids")]));
            using var logits = reference.Model.Head.Logits(hidden);
            if (reference.Has($"{name}.logits"))
            {
                Near(reference.Floats($"{name}.logits"), Rows.Floats(logits), 2e-4f);
                compared++;
            }

            float[] logProbs = [.. sequence.GetProperty("logprobs").EnumerateArray().Select(x => x.GetSingle())];
            Near(logProbs, reference.Model.Head.LogProbs(hidden, Ints(sequence, "targets")), 2e-4f);
        }

        Assert.NotEqual(0, compared);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Loss_and_gradients_equal_PEFTs_and_the_base_gets_none(string relative)
    {
        using var reference = new Reference(relative);
        reference.Model.Adapter = reference.Adapter;
        var sequence = reference.Json.GetProperty("sequences").EnumerateArray().Single(s => s.GetProperty("index").GetInt32() == 2);
        var ids = Ints(sequence, "ids");
        using var gradients = new Gradients(reference.Adapter.Parameters.Layout);
        float[] weights = [.. Enumerable.Repeat(-1f / (ids.Length - 1), ids.Length - 1), 0];
        var logProbs = reference.Model.LossAndGradients(new PackedBatch([ids]), [.. ids.Skip(1), 0], weights, gradients);

        Assert.Equal(reference.Json.GetProperty("loss_seq2").GetDouble(), logProbs.Zip(weights, (l, w) => (double)l * w).Sum(), 5e-5);
        var slots = reference.Adapter.Parameters.Layout.Slots;
        Assert.Equal(slots.Count, reference.Json.GetProperty("grad_norms").EnumerateObject().Count());
        foreach (var slot in slots)
        {
            var expected = reference.Floats("grad." + slot.Name);
            var distance = TensorPrimitives.Distance<float>(expected, gradients.Of(slot.Name));
            Assert.True(distance <= 1e-4 * TensorPrimitives.Norm<float>(expected), $"{slot.Name}: off by {distance}");
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Merged_weights_equal_PEFTs(string relative)
    {
        using var reference = new Reference(relative);
        reference.Adapter.MergeInto(reference.Model.Parameters);
        using var merged = SafetensorsFolder.Open(Path.Combine(reference.Folder, "merged"));
        foreach (var slot in reference.Model.Parameters.Layout.Slots)
        {
            var expected = new float[slot.Size];
            merged.ReadFloat32(slot.Name, expected);
            Near(expected, reference.Model.Parameters.MasterOf(slot.Name), 1e-5f);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_saved_adapter_is_the_one_that_is_read_again(string relative)
    {
        using var reference = new Reference(relative);
        using var folder = new TemporaryFolder();
        reference.Adapter.Save(folder.Path, "base");
        using var again = LoraAdapter.Load(folder.Path, reference.Model.Parameters.Layout, torch.ScalarType.Float32);

        Assert.Equal(reference.Adapter.Config.TargetModules, again.Config.TargetModules);
        Assert.Equal(reference.Adapter.Config, again.Config with { TargetModules = reference.Adapter.Config.TargetModules });
        Assert.True(Rows.Floats(reference.Adapter.Parameters.Master).SequenceEqual(Rows.Floats(again.Parameters.Master)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_new_adapter_changes_nothing_and_its_A_is_as_wide_as_PEFTs(string relative)
    {
        using var reference = new Reference(relative);
        using var adapter = LoraAdapter.Start(reference.Adapter.Config, reference.Model.Parameters.Layout, torch.ScalarType.Float32, seed: 5);
        var batch = new PackedBatch([[1, 5, 9, 2]]);
        using var before = reference.Model.Forward(batch);
        reference.Model.Adapter = adapter;
        using var after = reference.Model.Forward(batch);

        Assert.True(Rows.Floats(before).SequenceEqual(Rows.Floats(after)));
        foreach (var slot in adapter.Parameters.Layout.Slots.Where(slot => slot.Name.Contains("lora_A", StringComparison.Ordinal)))
        {
            var widest = TensorPrimitives.MaxMagnitude<float>(adapter.Parameters.MasterOf(slot.Name));
            Assert.InRange(Math.Abs(widest) * Math.Sqrt(slot.Shape[1]), 0.9, 1);
        }
    }

    [Theory]
    [InlineData("use_dora", "true")]
    [InlineData("rank_pattern", """{"q_proj": 8}""")]
    [InlineData("alpha_pattern", """{"q_proj": 8}""")]
    [InlineData("modules_to_save", """["lm_head"]""")]
    [InlineData("layers_to_transform", "[0]")]
    [InlineData("bias", "\"all\"")]
    [InlineData("peft_type", "\"IA3\"")]
    [InlineData("target_modules", "\".*_proj\"")]
    [InlineData("target_modules", "[]")]
    [InlineData("init_lora_weights", "\"pissa\"")]
    [InlineData("lora_dropout", "-1")]
    [InlineData("r", "0")]
    [InlineData("r", "2000000000")]
    [InlineData("some_new_feature", "{\"a\": 1}")]
    public void What_is_not_computed_is_refused_by_name(string key, string value)
    {
        using var folder = new TemporaryFolder();
        var json = new JsonObject { ["peft_type"] = "LORA", ["r"] = 4, ["lora_alpha"] = 8, ["target_modules"] = new JsonArray("q_proj"), ["loftq_config"] = new JsonObject() };
        var path = Path.Combine(folder.Path, PeftFolder.ConfigName);
        File.WriteAllText(path, json.ToJsonString());
        Assert.Equal(2, PeftFolder.ReadConfig(folder.Path).Scaling);

        json[key] = JsonNode.Parse(value);
        File.WriteAllText(path, json.ToJsonString());
        var error = Assert.Throws<RequestException>(() => PeftFolder.ReadConfig(folder.Path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{key}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_is_no_projection_is_refused_and_dropout_cannot_be_trained()
    {
        var config = new LoraConfig { Rank = 2, Alpha = 4, TargetModules = ["q_proj", "lm_head"], Dropout = 0.1 };
        var layout = new ParameterLayout([("model.layers.0.input_layernorm.weight", [4]), ("model.layers.0.self_attn.q_proj.weight", [4, 4])], "");

        Assert.Contains("'lm_head'", Assert.Throws<RequestException>(() => LoraAdapter.Start(config, layout, torch.ScalarType.Float32, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("lora_dropout", Assert.Throws<RequestException>(config.RefuseDropout).Message, StringComparison.Ordinal);
    }

    private static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"element {i}: {actual[i]} instead of {expected[i]}");
        }
    }

    private static int[] Ints(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

    private sealed class Reference : IDisposable
    {
        private readonly SafetensorsFolder numbers;

        public Reference(string relative)
        {
            Folder = Path.Combine(FixtureRoot.Require("models"), relative);
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "expected.json")));
            Json = json.RootElement.Clone();
            Model = TrlVariant.OpenModel(Path.GetFullPath(Path.Combine(Folder, Json.GetProperty("base").GetString()!)));
            Adapter = LoraAdapter.Load(Folder, Model.Parameters.Layout, torch.ScalarType.Float32);
            numbers = SafetensorsFolder.Open(Path.Combine(Folder, "expected.safetensors"));
        }

        public string Folder { get; }

        public JsonElement Json { get; }

        public LanguageModel Model { get; }

        public LoraAdapter Adapter { get; }

        public bool Has(string name) => numbers.Shapes.ContainsKey(name);

        public float[] Floats(string name)
        {
            var values = new float[numbers.Shapes[name].Aggregate(1L, (product, extent) => product * extent)];
            numbers.ReadFloat32(name, values);
            return values;
        }

        public void Dispose()
        {
            numbers.Dispose();
            Adapter.Dispose();
            Model.Dispose();
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Tests.Transformer;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class ConfigWriterTests
{
    [Theory, MemberData(nameof(ModelFixtures.Folders), MemberType = typeof(ModelFixtures))]
    public void A_configuration_that_is_written_reads_back_equal(string relative)
    {
        var config = ConfigReader.Read(ModelFixtures.Path(relative));
        using var folder = new TestFolder();
        ConfigWriter.Write(folder.Path, config, SafetensorsType.F32);
        Assert.Equal(ConfigReaderTests.Text(config), ConfigReaderTests.Text(ConfigReader.Read(folder.Path)));
    }

    [Theory, MemberData(nameof(ModelFixtures.TwiceSpelledFolders), MemberType = typeof(ModelFixtures))]
    public void Every_key_of_the_older_spelling_is_written_with_its_value(string relative)
    {
        var reference = ModelFixtures.Path(relative);
        using var folder = new TestFolder();
        ConfigWriter.Write(folder.Path, ConfigReader.Read(reference), SafetensorsType.F32);
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(reference, "config.legacy.json")));
        using var written = JsonDocument.Parse(File.ReadAllBytes(folder["config.json"]));

        // Of a window that is switched off nothing is kept.
        string[] exempt = ["transformers_version", "sliding_window", "max_window_layers", "rope_scaling"];
        foreach (var key in expected.RootElement.EnumerateObject().Where(key => !exempt.Contains(key.Name)))
        {
            Assert.True(written.RootElement.TryGetProperty(key.Name, out var value), key.Name);
            Assert.True(JsonElement.DeepEquals(key.Value, value), $"{key.Name}: {key.Value} became {value}");
        }

        if (expected.RootElement.TryGetProperty("rope_scaling", out var scaling) && scaling.ValueKind == JsonValueKind.Object)
        {
            var kept = written.RootElement.GetProperty("rope_scaling");
            Assert.All(scaling.EnumerateObject(), key => Assert.True(JsonElement.DeepEquals(key.Value, kept.GetProperty(key.Name)), key.Name));
        }
    }

    [Fact]
    public void How_a_model_is_sampled_stays_as_its_base_says()
    {
        using var folder = new TestFolder();
        using var start = Checkpoint.Open(ModelFixtures.Path(ModelFixtures.Folders.First().Data));
        start.SaveFolder(folder["base"], SafetensorsType.F32);
        File.WriteAllText(
            folder["base/generation_config.json"], """{"do_sample":true,"temperature":0.6,"top_p":0.95,"eos_token_id":[3,5],"pad_token_id":0,"transformers_version":"4.45.0"}""");
        Save("base", "tuned");
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse($$"""{"do_sample":true,"temperature":0.6,"top_p":0.95,"eos_token_id":[3,5],"pad_token_id":0,"transformers_version":"4.45.0","bos_token_id":{{start.Config.BosTokenId?.ToString() ?? "null"}}}"""),
            JsonNode.Parse(File.ReadAllText(folder["tuned/generation_config.json"]))));

        // Before there was such a file, config.json said it.
        File.Delete(folder["base/generation_config.json"]);
        var config = JsonNode.Parse(File.ReadAllText(folder["base/config.json"]))!;
        config["temperature"] = 0.7;
        config["max_length"] = 4096;
        File.WriteAllText(folder["base/config.json"], config.ToJsonString());
        Save("base", "old");
        var old = JsonNode.Parse(File.ReadAllText(folder["old/generation_config.json"]))!.AsObject();
        Assert.Equal(["bos_token_id", "eos_token_id", "max_length", "pad_token_id", "temperature"], old.Select(key => key.Key).Order(StringComparer.Ordinal));
        Assert.Equal((0.7, 4096), ((double)old["temperature"]!, (int)old["max_length"]!));

        void Save(string from, string to)
        {
            using var model = Checkpoint.Open(folder[from]);
            model.SaveFolder(folder[to], SafetensorsType.F32);
        }
    }

    [Theory]
    [InlineData("llama", true, false, false)] // a GGUF may have biases on q, k, v alone; attention_bias means those and one on o
    [InlineData("qwen2", true, true, false)]
    [InlineData("qwen2", false, false, false)]
    [InlineData("mistral", false, false, true)]
    public void Biases_that_no_key_states_are_refused(string family, bool qkv, bool output, bool mlp)
    {
        using var folder = new TestFolder();
        var config = TinyModel.Config with { Family = family, QkvBias = qkv, OutputBias = output, MlpBias = mlp };
        Assert.Contains($"family {family} can state the biases", Assert.Throws<RequestException>(() => ConfigWriter.Write(folder.Path, config, SafetensorsType.F32)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Divisors_that_follow_no_rule_are_refused()
    {
        using var folder = new TestFolder();
        var config = TinyModel.Config with { RopeScaling = new RopeScaling(RopeScalingKind.Divisors) { Divisors = [1, 7, 2, 3] } };
        Assert.Contains("rope_freqs.weight", Assert.Throws<RequestException>(() => ConfigWriter.Write(folder.Path, config, SafetensorsType.F32)).Message, StringComparison.Ordinal);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Tests.Checkpoints;

public sealed class ConfigReaderTests
{
    private const string Llama = """
        {"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_act":"silu","hidden_size":64,"intermediate_size":160,
        "num_hidden_layers":2,"num_attention_heads":4,"vocab_size":384,"rms_norm_eps":1e-5,"max_position_embeddings":256}
        """;

    [Theory, MemberData(nameof(ModelFixtures.TwiceSpelledFolders), MemberType = typeof(ModelFixtures))]
    public void Both_spellings_of_a_configuration_give_one_model(string relative)
    {
        var folder = ModelFixtures.Path(relative);
        Assert.Equal(Text(ConfigReader.Read(folder)), Text(ConfigReader.Read(folder, "config.legacy.json")));
    }

    [Fact]
    public void What_is_absent_takes_the_defaults_of_the_family()
    {
        var config = Read([]);
        Assert.Equal((4, 16, 10_000.0, false, 0.25), (config.KeyValueHeads, config.HeadDim, config.RopeTheta, config.TieWordEmbeddings, config.AttentionScale));
        Assert.Null(config.RopeScaling);
        Assert.Empty(config.SlidingLayers);
    }

    [Fact]
    public void Generation_ids_win_over_those_of_the_model()
    {
        var config = Read(new() { ["eos_token_id"] = 2, ["bos_token_id"] = 1 }, """{"eos_token_id":[5,6],"temperature":0.6}""");
        Assert.Equal([5, 6], config.EosTokenIds);
        Assert.Equal(1, config.BosTokenId);
    }

    [Fact]
    public void An_empty_list_of_ids_is_as_none()
    {
        var config = Read(new() { ["eos_token_id"] = 2, ["pad_token_id"] = new JsonArray() }, """{"eos_token_id":[]}""");
        Assert.Equal([2], config.EosTokenIds);
        Assert.Null(config.PadTokenId);
    }

    [Fact]
    public void Ids_of_the_generation_file_are_held_to_the_vocabulary_too() => Assert.Contains(
        "generation_config.json: 'eos_token_id'", Assert.Throws<RequestException>(() => Read([], """{"eos_token_id":99999}""")).Message, StringComparison.Ordinal);

    [Fact]
    public void Qwens_window_is_ignored_until_it_is_switched_on()
    {
        var changes = new JsonObject
        {
            ["model_type"] = "qwen2",
            ["architectures"] = null,
            ["num_key_value_heads"] = 2,
            ["sliding_window"] = 8,
            ["max_window_layers"] = 1,
        };
        Assert.Null(Read((JsonObject)changes.DeepClone()).SlidingWindow);
        changes["use_sliding_window"] = true;
        var config = Read(changes);
        Assert.Equal(8, config.SlidingWindow);
        Assert.Equal([false, true], config.SlidingLayers);
        Assert.True(config.QkvBias);
    }

    [Theory]
    [InlineData("""{"model_type":"mamba"}""", "'mamba'")]
    [InlineData("""{"architectures":["LlamaForSequenceClassification"]}""", "LlamaForSequenceClassification")]
    [InlineData("""{"hidden_act":"gelu"}""", "gelu")]
    [InlineData("""{"num_experts":8}""", "num_experts")]
    [InlineData("""{"quantization_config":{"bits":4}}""", "quantization_config")]
    [InlineData("""{"final_logit_softcapping":30.0}""", "final_logit_softcapping")]
    [InlineData("""{"partial_rotary_factor":0.5}""", "partial_rotary_factor")]
    [InlineData("""{"rope_scaling":{"type":"dynamic","factor":2.0}}""", "'dynamic'")]
    [InlineData("""{"rope_scaling":{"type":"linear","factor":2.0,"surprise":1}}""", "surprise")]
    [InlineData("""{"rope_scaling":{"rope_type":"llama3","factor":8.0}}""", "low_freq_factor")]
    [InlineData("""{"rope_theta":10000.0,"rope_parameters":{"rope_type":"default","rope_theta":5e5}}""", "contradicts")]
    [InlineData("""{"hidden_size":"64"}""", "hidden_size")]
    [InlineData("""{"hidden_size":64.5}""", "hidden_size")]
    [InlineData("""{"hidden_size":0}""", "hidden_size")]
    [InlineData("""{"vocab_size":null}""", "vocab_size")]
    [InlineData("""{"num_hidden_layers":2000000000}""", "2000000000 layers")]
    [InlineData("""{"num_attention_heads":5}""", "head_dim")]
    [InlineData("""{"num_key_value_heads":3}""", "key/value heads")]
    [InlineData("""{"rope_theta":1e999}""", "rope_theta")]
    [InlineData("""{"eos_token_id":"</s>"}""", "eos_token_id")]
    [InlineData("""{"eos_token_id":[2,384]}""", "'eos_token_id' must be token ids from 0 to 383, the last of the vocabulary, not 384")]
    [InlineData("""{"bos_token_id":99999}""", "'bos_token_id'")]
    [InlineData("""{"pad_token_id":-1}""", "'pad_token_id'")]
    [InlineData("""{"is_encoder_decoder":true}""", "is_encoder_decoder")]
    [InlineData("""{"add_cross_attention":true}""", "add_cross_attention")]
    [InlineData("""{"dual_chunk_attention_config":{"chunk_size":8}}""", "dual_chunk_attention_config")]
    public void What_is_not_understood_is_refused_by_name(string changes, string named)
    {
        var error = Assert.Throws<RequestException>(() => Read(JsonNode.Parse(changes)!.AsObject()));
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_twice_is_refused()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["config.json"], """{"model_type":"llama","model_type":"qwen2"}""");
        Assert.Contains("model_type", Assert.Throws<RequestException>(() => ConfigReader.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    /// <summary>As text, because lists in records compare by reference.</summary>
    internal static string Text(ModelConfig config) => JsonSerializer.Serialize(config, Json.Indented);

    private static ModelConfig Read(JsonObject changes, string? generation = null)
    {
        using var folder = new TestFolder();
        var config = JsonNode.Parse(Llama)!.AsObject();
        foreach (var (key, value) in changes)
        {
            config[key] = value?.DeepClone();
        }

        File.WriteAllText(folder["config.json"], config.ToJsonString());
        if (generation is not null)
        {
            File.WriteAllText(folder["generation_config.json"], generation);
        }

        return ConfigReader.Read(folder.Path);
    }
}

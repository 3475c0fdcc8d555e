using System.Text.Json.Nodes;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Tests.Checkpoints;

/// <summary>
/// The keys of published config.json files, family by family, written down from what is on the Hub; sizes are smaller, everything else is as published.
/// A file like these that is refused is a model that nobody can use.
/// </summary>
public sealed class PublishedConfigTests
{
    private const string Common = """
        "initializer_range": 0.02, "hidden_size": 64, "intermediate_size": 160, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 12,
        "torch_dtype": "bfloat16", "use_cache": true, "vocab_size": 384
        """;

    private static readonly Dictionary<string, string> Published = new(StringComparer.Ordinal)
    {
        ["Qwen2.5-7B-Instruct"] = """
            "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 300, "eos_token_id": 301, "hidden_act": "silu",
            "max_position_embeddings": 32768, "max_window_layers": 28, "model_type": "qwen2", "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
            "sliding_window": 131072, "tie_word_embeddings": false, "transformers_version": "4.43.1", "use_sliding_window": false
            """,
        ["Qwen3-0.6B"] = """
            "architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 300, "eos_token_id": 301, "head_dim": 128,
            "hidden_act": "silu", "max_position_embeddings": 40960, "max_window_layers": 28, "model_type": "qwen3", "rms_norm_eps": 1e-06, "rope_scaling": null,
            "rope_theta": 1000000, "sliding_window": null, "tie_word_embeddings": true, "transformers_version": "4.51.0", "use_sliding_window": false
            """,
        ["Llama-3.1-8B-Instruct"] = """
            "architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 300, "eos_token_id": [301, 308, 309],
            "hidden_act": "silu", "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama", "pretraining_tp": 1, "rms_norm_eps": 1e-05,
            "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"},
            "rope_theta": 500000.0, "tie_word_embeddings": false, "transformers_version": "4.42.3"
            """,
        ["Llama-3.2-1B-Instruct"] = """
            "architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 300, "eos_token_id": [301, 308, 309], "head_dim": 64,
            "hidden_act": "silu", "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama", "pretraining_tp": 1, "rms_norm_eps": 1e-05,
            "rope_scaling": {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"},
            "rope_theta": 500000.0, "tie_word_embeddings": true, "transformers_version": "4.45.0.dev0"
            """,
        ["Mistral-7B-v0.1"] = """
            "architectures": ["MistralForCausalLM"], "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu", "max_position_embeddings": 32768,
            "model_type": "mistral", "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "sliding_window": 4096, "tie_word_embeddings": false, "transformers_version": "4.34.0.dev0"
            """,
        ["Mistral-7B-Instruct-v0.3"] = """
            "architectures": ["MistralForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
            "max_position_embeddings": 32768, "model_type": "mistral", "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "sliding_window": null,
            "tie_word_embeddings": false, "transformers_version": "4.42.0.dev0"
            """,
        ["Mistral-Nemo-Instruct-2407"] = """
            "architectures": ["MistralForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2, "head_dim": 128, "hidden_act": "silu",
            "max_position_embeddings": 1024000, "model_type": "mistral", "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "sliding_window": null,
            "tie_word_embeddings": false, "transformers_version": "4.43.0.dev0"
            """,
        ["SmolLM2-135M-Instruct"] = """
            "architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
            "is_llama_config": true, "max_position_embeddings": 8192, "mlp_bias": false, "model_type": "llama", "pad_token_id": 2, "pretraining_tp": 1,
            "rms_norm_eps": 1e-05, "rope_interleaved": false, "rope_scaling": null, "rope_theta": 100000, "tie_word_embeddings": true,
            "transformers_version": "4.42.3", "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16", "fp16": "float16"}}
            """,
        ["gemma-3-1b-it"] = """
            "architectures": ["Gemma3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "attn_logit_softcapping": null, "bos_token_id": 2,
            "cache_implementation": "hybrid", "eos_token_id": [1, 106], "final_logit_softcapping": null, "head_dim": 256, "hidden_activation": "gelu_pytorch_tanh",
            "max_position_embeddings": 32768, "model_type": "gemma3_text", "pad_token_id": 0, "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-06,
            "rope_local_base_freq": 10000, "rope_scaling": null, "rope_theta": 1000000, "sliding_window": 512, "sliding_window_pattern": 6,
            "transformers_version": "4.50.0.dev0"
            """,
    };

    public static TheoryData<string> Names => [.. Published.Keys];

    [Theory, MemberData(nameof(Names))]
    public void It_is_read(string name)
    {
        var config = Read(Published[name]);
        Assert.Equal((64, 12, 384), (config.HiddenSize, config.Layers, config.VocabSize));
    }

    [Theory, MemberData(nameof(Names))]
    public void What_only_says_how_to_sample_or_which_kernel_to_take_changes_nothing(string name) => Assert.Equal(
        ConfigReaderTests.Text(Read(Published[name])),
        ConfigReaderTests.Text(Read(Published[name] + """
            , "temperature": 0.7, "top_p": 0.9, "top_k": 50, "typical_p": 1.0, "do_sample": true, "max_length": 4096, "min_length": 0, "repetition_penalty": 1.1,
            "length_penalty": 1.0, "num_beams": 1, "num_return_sequences": 1, "no_repeat_ngram_size": 0, "bad_words_ids": [[3]], "suppress_tokens": [4],
            "forced_eos_token_id": 2, "attn_implementation": "sdpa", "_attn_implementation_autoset": true, "_name_or_path": "somewhere", "output_scores": true,
            "is_encoder_decoder": false, "torchscript": false, "pruned_heads": {}, "tie_encoder_decoder": false, "cross_attention_hidden_size": null
            """)));

    [Fact]
    public void Families_keep_what_sets_them_apart()
    {
        Assert.Null(Read(Published["Qwen2.5-7B-Instruct"]).SlidingWindow); // switched off
        Assert.Equal(128, Read(Published["Qwen3-0.6B"]).HeadDim);
        Assert.Equal((RopeScalingKind.Llama3, 32.0), (Read(Published["Llama-3.2-1B-Instruct"]).RopeScaling!.Kind, Read(Published["Llama-3.2-1B-Instruct"]).RopeScaling!.Factor));
        Assert.Equal(4096, Read(Published["Mistral-7B-v0.1"]).SlidingWindow);
        Assert.Null(Read(Published["Mistral-Nemo-Instruct-2407"]).SlidingWindow);
        Assert.Equal(128, Read(Published["Mistral-Nemo-Instruct-2407"]).HeadDim);
        Assert.Equal(100_000, Read(Published["SmolLM2-135M-Instruct"]).RopeTheta);
        var gemma = Read(Published["gemma-3-1b-it"]);
        Assert.Equal((true, 512, 10, 10_000.0), (gemma.TieWordEmbeddings, gemma.SlidingWindow!.Value, gemma.SlidingLayers.Count(slides => slides), gemma.SlidingRopeTheta!.Value));
    }

    [Fact]
    public void SmolLM3_whose_layers_differ_in_whether_they_rotate_is_refused_by_name()
    {
        const string keys = """
            "architectures": ["SmolLM3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 300, "eos_token_id": 312, "hidden_act": "silu",
            "layer_types": ["full_attention"], "max_position_embeddings": 65536, "max_window_layers": 28, "mlp_bias": false, "model_type": "smollm3",
            "no_rope_layer_interval": 4, "no_rope_layers": [1, 1, 1, 0], "pad_token_id": 304, "pretraining_tp": 2, "rms_norm_eps": 1e-06, "rope_scaling": null,
            "rope_theta": 5000000.0, "sliding_window": null, "transformers_version": "4.54.0.dev0", "use_sliding_window": false
            """;
        Assert.Contains("'smollm3' are not supported", Assert.Throws<RequestException>(() => Read(keys)).Message, StringComparison.Ordinal);
        Assert.Contains("'no_rope_layers'", Assert.Throws<RequestException>(() => Read(Published["Qwen3-0.6B"] + """, "no_rope_layers": [1, 0]""")).Message, StringComparison.Ordinal);
    }

    private static ModelConfig Read(string keys)
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["config.json"], JsonNode.Parse("{" + keys + "," + Common + "}")!.ToJsonString());
        return ConfigReader.Read(folder.Path);
    }
}

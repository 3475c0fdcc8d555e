using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// Reads <c>config.json</c> and <c>generation_config.json</c> of a checkpoint, as transformers 4 and 5 write them. What would change
/// the computation and is not understood is refused by name, never ignored.
/// </summary>
public static class ConfigReader
{
    /// <summary>Bounds what a damaged file can make us allocate; the deepest published models have a few hundred.</summary>
    private const int MaxLayers = 4096;

    /// <summary>
    /// Keys that say nothing about the forward pass without dropout, however they are set: where the file comes from, how its weights were first
    /// drawn, other heads' labels, which kernel or cache computes the same, what the model is to return, and how to sample.
    /// </summary>
    private static readonly HashSet<string> Harmless =
    [
        "architectures", "attention_dropout", "attn_implementation", "auto_map", "bos_token_id", "cache_implementation", "chunk_size_feed_forward",
        "classifier_dropout", "decoder_start_token_id", "dtype", "embd_pdrop", "eos_token_id", "finetuning_task", "hidden_dropout", "id2label",
        "initializer_range", "is_decoder", "is_llama_config", "label2id", "max_sequence_length", "max_window_layers", "name_or_path",
        "neftune_noise_alpha", "num_labels", "output_attentions", "output_hidden_states", "pad_token_id", "prefix", "pretraining_tp",
        "problem_type", "resid_pdrop", "return_dict", "sep_token_id", "sliding_window", "sliding_window_pattern", "task_specific_params",
        "tokenizer_class", "torch_dtype", "transformers.js_config", "transformers_version", "unsloth_fixed", "unsloth_version", "use_cache",
        .. GenerationSettings.Keys,
    ];

    /// <summary>Reads the configuration of a folder.</summary>
    /// <param name="folder">With <paramref name="name"/> and, where there is one, <c>generation_config.json</c>.</param>
    /// <exception cref="RequestException">A file is missing or damaged, or the model is one that this engine does not compute.</exception>
    public static ModelConfig Read(string folder, string name = "config.json")
    {
        var path = Path.Combine(folder, name);
        using var json = JsonFile.ReadObject(path);
        var config = Read(new ConfigKeys(json.RootElement, path));
        var generationPath = Path.Combine(folder, GenerationSettings.FileName);
        if (!File.Exists(generationPath))
        {
            return config;
        }

        // Only the ids: how to sample is the recipe's to say, not the checkpoint's.
        using var generationJson = JsonFile.ReadObject(generationPath);
        var generation = new ConfigKeys(generationJson.RootElement, generationPath);
        return WithIds(config, generation);
    }

    private static ModelConfig Read(ConfigKeys keys)
    {
        var family = ModelFamily.Of(keys.Text("model_type"), keys.Place);
        if (keys.List("architectures") is { Count: > 0 } named && named.All(name => name.ToString() != family.Architecture))
        {
            throw keys.Wrong("architectures", named[0], $"{family.Architecture} for model_type {family.Name}");
        }

        keys.MustBe(family.Gemma ? "hidden_activation" : "hidden_act", family.Gemma ? "gelu_pytorch_tanh" : "silu");
        var (hidden, heads, layers) = (keys.Int("hidden_size"), keys.Int("num_attention_heads"), keys.Int("num_hidden_layers"));
        var keyValueHeads = family.Name == "llama" ? keys.Int("num_key_value_heads", heads) : keys.Int("num_key_value_heads");
        var headDim = keys.Int("head_dim", family.HeadDim ?? (hidden % heads == 0 ? hidden / heads : null));
        if (layers > MaxLayers || heads % keyValueHeads != 0 || headDim % 2 != 0)
        {
            throw new RequestException(
                $"{keys.Place}: {layers} layers (at most {MaxLayers}), {heads} heads over {keyValueHeads} key/value heads (must divide) of width {headDim} (must be even) make no model.");
        }

        var maxPositions = keys.Int("max_position_embeddings");
        var rope = RopeReader.Read(keys, family, maxPositions);
        var attentionBias = family.HasAttentionBiasKey && keys.Bool("attention_bias", false);
        var (window, sliding) = SlidingReader.Read(keys, family, layers);
        var config = new ModelConfig
        {
            Family = family.Name,
            VocabSize = keys.Int("vocab_size"),
            HiddenSize = hidden,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadDim = headDim,
            IntermediateSize = keys.Int("intermediate_size"),
            MaxPositions = maxPositions,
            RmsNormEps = keys.Number("rms_norm_eps", 1e-6),
            TieWordEmbeddings = keys.Bool("tie_word_embeddings", family.Gemma),
            QkvBias = attentionBias || family.AlwaysQkvBias,
            OutputBias = attentionBias,
            MlpBias = family.HasMlpBiasKey && keys.Bool("mlp_bias", false),
            QkNorm = family.QkNorm,
            RopeTheta = rope.Theta,
            RopeScaling = rope.Scaling,
            SlidingWindow = window,
            SlidingLayers = sliding,
            SlidingRopeTheta = rope.SlidingTheta,
            AttentionScale = 1 / Math.Sqrt(family.Gemma ? keys.Number("query_pre_attn_scalar", 256) : headDim),
            Gemma = family.Gemma,
        };
        config = WithIds(config, keys);
        keys.RefuseOthers(Harmless);
        return config;
    }

    private static ModelConfig WithIds(ModelConfig config, ConfigKeys keys)
    {
        IReadOnlyList<int>? Ids(string key) => keys.Ids(key, config.VocabSize);
        return config with
        {
            BosTokenId = Ids("bos_token_id")?[0] ?? config.BosTokenId,
            EosTokenIds = Ids("eos_token_id") ?? config.EosTokenIds,
            PadTokenId = Ids("pad_token_id")?[0] ?? config.PadTokenId,
        };
    }
}

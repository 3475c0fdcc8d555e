using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Models.Checkpoints.Gguf;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// Writes <c>config.json</c> and <c>generation_config.json</c> in the spelling of transformers 4, which 5 reads as well
/// (as do vLLM and llama.cpp's converter); the other way round does not hold.
/// </summary>
public static class ConfigWriter
{
    /// <summary>Writes both files into a folder.</summary>
    /// <param name="type">What the weights are written as.</param>
    /// <param name="generation">What generation_config.json is to say beside the ids of special tokens; null: nothing.</param>
    /// <exception cref="RequestException">The rotary divisors or the biases of a GGUF are none that config.json can state.</exception>
    public static void Write(string folder, ModelConfig config, SafetensorsType type, JsonObject? generation = null)
    {
        RequireBiases(folder, config);
        Directory.CreateDirectory(folder);
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(ModelFamily.Of(config.Family, folder).Architecture),
            ["model_type"] = config.Family,
            ["vocab_size"] = config.VocabSize,
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["num_key_value_heads"] = config.KeyValueHeads,
            ["head_dim"] = config.HeadDim,
            [config.Gemma ? "hidden_activation" : "hidden_act"] = config.Gemma ? "gelu_pytorch_tanh" : "silu",
            ["max_position_embeddings"] = config.MaxPositions,
            ["rms_norm_eps"] = config.RmsNormEps,
            ["tie_word_embeddings"] = config.TieWordEmbeddings,
            ["rope_theta"] = config.RopeTheta,
            ["rope_scaling"] = Scaling(config),
            ["torch_dtype"] = TorchName(type),
            ["use_cache"] = true,
        };
        AddFamilyKeys(json, config);
        AddIds(json, config);
        Save(Path.Combine(folder, "config.json"), json);

        generation = generation is { Count: > 0 } ? generation : new JsonObject { ["_from_model_config"] = true };
        AddIds(generation, config);
        Save(Path.Combine(folder, GenerationSettings.FileName), generation);
    }

    private static void RequireBiases(string folder, ModelConfig config)
    {
        var family = ModelFamily.Of(config.Family, folder);
        var attention = family.HasAttentionBiasKey && config.OutputBias; // one key for q, k, v and the output projection
        if (config.OutputBias != attention || config.QkvBias != (attention || family.AlwaysQkvBias) || (config.MlpBias && !family.HasMlpBiasKey))
        {
            throw new RequestException(
                $"{folder}: no config.json of family {family.Name} can state the biases of this model (q, k and v {Has(config.QkvBias)}, o {Has(config.OutputBias)}, the MLP {Has(config.MlpBias)}); keep it as a GGUF.");
        }

        static string Has(bool bias) => bias ? "with" : "without";
    }

    private static void AddFamilyKeys(JsonObject json, ModelConfig config)
    {
        var family = ModelFamily.Of(config.Family, "config.json");
        if (family.HasAttentionBiasKey)
        {
            json["attention_bias"] = config.OutputBias;
        }

        if (family.HasMlpBiasKey)
        {
            json["mlp_bias"] = config.MlpBias;
        }

        if (family.Gemma)
        {
            json["query_pre_attn_scalar"] = WholeWhereItIs(1 / (config.AttentionScale * config.AttentionScale));
            json["rope_local_base_freq"] = config.SlidingRopeTheta;
            json["sliding_window_pattern"] = Period(config); // what transformers before 4.53 reads instead of layer_types
        }

        if (family.HasSlidingSwitch)
        {
            json["use_sliding_window"] = config.SlidingWindow is not null;
            json["max_window_layers"] = config.SlidingLayers.TakeWhile(slides => !slides).Count();
        }

        if (family.Name != "llama")
        {
            json["sliding_window"] = config.SlidingWindow;
        }

        if (family.HasLayerTypes && config.SlidingWindow is not null)
        {
            json["layer_types"] = new JsonArray([.. config.SlidingLayers.Select(slides => (JsonNode)(slides ? "sliding_attention" : "full_attention"))]);
        }
    }

    // Every how many layers one sees all; null where that is not regular.
    private static int? Period(ModelConfig config)
    {
        var period = config.SlidingLayers.TakeWhile(slides => slides).Count() + 1;
        return config.SlidingLayers.Select((slides, layer) => slides == ((layer + 1) % period != 0)).All(fits => fits) ? period : null;
    }

    private static JsonObject? Scaling(ModelConfig config)
    {
        if (config.RopeScaling is not { } scaling)
        {
            return null;
        }

        if (scaling.Kind == RopeScalingKind.Divisors)
        {
            scaling = RopeDivisors.AsLlama3(config);
        }

        var json = new JsonObject { ["rope_type"] = scaling.Kind.ToString().ToLowerInvariant(), ["factor"] = scaling.Factor };
        if (scaling.Kind != RopeScalingKind.Linear)
        {
            json["original_max_position_embeddings"] = scaling.OriginalMaxPositions;
        }

        if (scaling.Kind == RopeScalingKind.Llama3)
        {
            json["low_freq_factor"] = scaling.LowFrequencyFactor;
            json["high_freq_factor"] = scaling.HighFrequencyFactor;
        }

        if (scaling.Kind == RopeScalingKind.Yarn)
        {
            (string Key, double? Value)[] numbers =
            [
                ("attention_factor", scaling.AttentionFactor), ("beta_fast", scaling.BetaFast), ("beta_slow", scaling.BetaSlow),
                ("mscale", scaling.MScale), ("mscale_all_dim", scaling.MScaleAllDim),
            ];
            foreach (var (key, value) in numbers.Where(number => number.Value is not null))
            {
                json[key] = value;
            }

            json["truncate"] = scaling.Truncate;
        }

        return json;
    }

    private static void AddIds(JsonObject json, ModelConfig config)
    {
        json["bos_token_id"] = config.BosTokenId;
        json["eos_token_id"] = config.EosTokenIds.Count switch
        {
            0 => null,
            1 => config.EosTokenIds[0],
            _ => new JsonArray([.. config.EosTokenIds.Select(id => (JsonNode)id)]),
        };
        json["pad_token_id"] = config.PadTokenId;
    }

    // 24 and not 23.999999999999996: the scale is 1/sqrt of the number that the file states.
    private static double WholeWhereItIs(double value) => Math.Abs(value - Math.Round(value)) < 1e-9 * value ? Math.Round(value) : value;

    private static string TorchName(SafetensorsType type) => type switch
    {
        SafetensorsType.BF16 => "bfloat16",
        SafetensorsType.F16 => "float16",
        _ => "float32",
    };

    private static void Save(string path, JsonObject json) =>
        AtomicFile.Write(path, file => JsonSerializer.Serialize(file, json, Json.Indented));
}

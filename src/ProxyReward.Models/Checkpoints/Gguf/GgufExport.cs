using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>Writes a language model as a GGUF that llama.cpp loads.</summary>
internal static class GgufExport
{
    /// <param name="path">The file, replaced where it exists.</param>
    /// <param name="type">F32, F16, BF16 or Q8_0 for matrices; norms and biases stay F32, and rows that Q8_0 does not divide become F16.</param>
    /// <exception cref="RequestException">llama.cpp has no such model, or GGUF no such type.</exception>
    public static void Write(string path, ModelConfig config, ITensorSource source, GgufTokenizer tokenizer, GgufType type)
    {
        var architecture = config switch
        {
            { SlidingWindow: not null } => throw Impossible(path, "a sliding window"),
            { Family: "llama" or "mistral" } => "llama",
            { Family: "qwen2" } => "qwen2",
            { Family: "qwen3", QkvBias: false } => "qwen3",
            _ => throw Impossible(path, $"family {config.Family} with these biases"),
        };
        if (type is not (GgufType.F32 or GgufType.F16 or GgufType.BF16 or GgufType.Q8_0))
        {
            throw new RequestException($"{path}: GGUF files are written as F32, F16, BF16 or Q8_0, not {type}.");
        }

        var tensors = new ParameterLayout(config).Slots.Select(slot => Tensor(source, slot, type, architecture, config.HeadDim)).ToList();
        if (Divisors(config) is { } divisors)
        {
            tensors.Insert(0, new(new TensorToWrite(GgufNames.RopeDivisors, [divisors.Length], span => divisors.CopyTo(span)), GgufType.F32));
        }

        GgufWriter.Write(path, [.. Shape(path, config, architecture, type), .. Tokenizer(tokenizer)], tensors);
    }

    private static GgufTensorToWrite Tensor(ITensorSource source, ParameterSlot slot, GgufType type, string architecture, int headDim)
    {
        var (name, shape, _) = slot;
        var rotated = architecture == "llama" && GgufNames.IsRotated(name);
        var columns = checked((int)shape.Skip(1).Aggregate(1L, (product, size) => product * size));
        void Read(Span<float> numbers)
        {
            source.ReadFloat32(name, numbers);
            if (rotated)
            {
                RotaryOrder.ToPairs(numbers, headDim, columns);
            }
        }

        var stored = shape.Count == 1 ? GgufType.F32 : type == GgufType.Q8_0 && shape[^1] % 32 != 0 ? GgufType.F16 : type;
        return new GgufTensorToWrite(new TensorToWrite(GgufNames.ToGguf(name), shape, Read), stored);
    }

    private static float[]? Divisors(ModelConfig config) => config.RopeScaling switch
    {
        { Kind: RopeScalingKind.Divisors } scaling => [.. scaling.Divisors],
        { Kind: RopeScalingKind.Llama3 } scaling => RopeDivisors.Of(scaling, config.RopeTheta, config.HeadDim),
        _ => null,
    };

    private static IEnumerable<(string Key, object Value)> Shape(string path, ModelConfig config, string architecture, GgufType type)
    {
        (string Key, object Value) At(string key, object value) => ($"{architecture}.{key}", value);
        yield return ("general.architecture", architecture);
        yield return ("general.type", "model");
        yield return ("general.file_type", type switch { GgufType.F32 => 0u, GgufType.F16 => 1u, GgufType.Q8_0 => 7u, _ => 32u }); // llama_ftype
        yield return ("general.quantization_version", 2u);
        yield return At("vocab_size", (uint)config.VocabSize);
        yield return At("block_count", (uint)config.Layers);
        yield return At("context_length", (uint)config.MaxPositions);
        yield return At("embedding_length", (uint)config.HiddenSize);
        yield return At("feed_forward_length", (uint)config.IntermediateSize);
        yield return At("attention.head_count", (uint)config.Heads);
        yield return At("attention.head_count_kv", (uint)config.KeyValueHeads);
        yield return At("attention.key_length", (uint)config.HeadDim);
        yield return At("attention.value_length", (uint)config.HeadDim);
        yield return At("attention.layer_norm_rms_epsilon", (float)config.RmsNormEps);
        yield return At("rope.dimension_count", (uint)config.HeadDim);
        yield return At("rope.freq_base", (float)config.RopeTheta);
        switch (config.RopeScaling)
        {
            case { Kind: RopeScalingKind.Linear } scaling:
                yield return At("rope.scaling.type", "linear");
                yield return At("rope.scaling.factor", (float)scaling.Factor);
                break;
            case { Kind: RopeScalingKind.Yarn, AttentionFactor: null, MScale: null, MScaleAllDim: null, Truncate: true } scaling:
                yield return At("rope.scaling.type", "yarn");
                yield return At("rope.scaling.factor", (float)scaling.Factor);
                yield return At("rope.scaling.original_context_length", (uint)scaling.OriginalMaxPositions);
                yield return At("rope.scaling.yarn_beta_fast", (float)scaling.BetaFast);
                yield return At("rope.scaling.yarn_beta_slow", (float)scaling.BetaSlow);
                break;
            case { Kind: RopeScalingKind.Yarn }:
                throw Impossible(path, "yarn with an attention_factor, mscale or truncate of its own");
        }
    }

    private static IEnumerable<(string Key, object Value)> Tokenizer(GgufTokenizer tokenizer)
    {
        const string at = GgufMetadata.Tokenizer;
        (string Key, object? Value)[] keys =
        [
            (at + "model", tokenizer.Model),
            (at + "pre", tokenizer.Pre),
            (at + "tokens", tokenizer.Tokens.ToArray()),
            (at + "token_type", tokenizer.TokenTypes is { Count: > 0 } types ? types.ToArray() : null),
            (at + "scores", tokenizer.Scores is { Count: > 0 } scores ? scores.ToArray() : null),
            (at + "merges", tokenizer.Merges is { Count: > 0 } merges ? merges.ToArray() : null),
            (at + "bos_token_id", (uint?)tokenizer.BosTokenId),
            (at + "eos_token_id", (uint?)tokenizer.EosTokenId),
            (at + "eot_token_id", (uint?)tokenizer.EotTokenId),
            (at + "eom_token_id", (uint?)tokenizer.EomTokenId),
            (at + "unknown_token_id", (uint?)tokenizer.UnknownTokenId),
            (at + "padding_token_id", (uint?)tokenizer.PaddingTokenId),
            (at + "add_bos_token", tokenizer.AddBosToken),
            (at + "add_eos_token", tokenizer.AddEosToken),
            (at + "add_space_prefix", tokenizer.AddSpacePrefix),
            ("tokenizer.chat_template", tokenizer.ChatTemplate),
        ];
        return keys.Where(key => key.Value is not null).Select(key => (key.Key, key.Value!));
    }

    private static RequestException Impossible(string path, string what) => new($"{path}: {what} cannot be written as GGUF; keep the model as a Hugging Face folder.");
}

using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>The shape of a model and its tokenizer, from the metadata and the names of tensors in a GGUF.</summary>
internal static class GgufConfig
{
    private static readonly HashSet<string> Architectures = ["llama", "qwen2", "qwen3"];

    private static readonly HashSet<string> Harmless = ["rope.scaling.finetuned", "tensor_data_layout"];

    private static readonly string[] SpecialTokens = ["bos_token_id", "eos_token_id", "eot_token_id", "eom_token_id", "unknown_token_id", "padding_token_id"];

    public static (ModelConfig Config, GgufTokenizer Tokenizer) Read(GgufFile file)
    {
        var metadata = new GgufMetadata(file);
        if (metadata.Int("split.count", 0) is > 1 and var pieces)
        {
            throw new RequestException($"{file.Path}: is one of {pieces} pieces of a model, which are not read; join them: 'llama-gguf-split --merge FIRST-PIECE WHOLE.gguf'.");
        }

        var family = metadata.Text("general.architecture");
        if (!Architectures.Contains(family))
        {
            throw new RequestException($"{file.Path}: GGUF files of architecture '{family}' are not supported; {string.Join(", ", Architectures)} are.");
        }

        var tokenizer = ReadTokenizer(metadata, file.Path);
        var config = ReadShape(file, metadata, family, tokenizer);
        metadata.RefuseOthers(family + ".", Harmless);
        foreach (var key in SpecialTokens.Select(name => GgufMetadata.Tokenizer + name))
        {
            if (metadata.IntOrNull(key) >= config.VocabSize)
            {
                throw metadata.Wrong(key, $"from 0 to {config.VocabSize - 1}, the last of the vocabulary");
            }
        }

        return (config, tokenizer);
    }

    private static ModelConfig ReadShape(GgufFile file, GgufMetadata metadata, string family, GgufTokenizer tokenizer)
    {
        int Size(string key, int? otherwise = null) => metadata.Int($"{family}.{key}", otherwise) is var size && (size > 0 || otherwise == 0)
            ? size
            : throw metadata.Wrong($"{family}.{key}", "above 0");
        var (hidden, heads, layers) = (Size("embedding_length"), Size("attention.head_count"), Size("block_count"));
        var headDim = Size("attention.key_length", Math.Max(hidden / heads, 1));
        var keyValueHeads = Size("attention.head_count_kv", heads);
        var maxPositions = Size("context_length");
        Require(file, layers <= 4096 && heads % keyValueHeads == 0 && headDim % 2 == 0, $"{layers} layers, {heads} heads over {keyValueHeads} of width {headDim} make no model");
        Require(file, Size("attention.value_length", headDim) == headDim, $"{family}.attention.value_length differs from key_length, which is not supported");
        Require(file, Size("rope.dimension_count", headDim) == headDim, $"{family}.rope.dimension_count is not the width of a head, which is not supported");
        Require(file, Size("expert_count", 0) == 0 && Size("expert_used_count", 0) == 0, $"{family}.expert_count: mixtures of experts are not supported");
        var window = Size("attention.sliding_window", 0);
        Require(file, window == 0 || window >= maxPositions, $"{family}.attention.sliding_window is not supported");
        var vocabulary = file.Tensors.TryGetValue("token_embd.weight", out var embedding) && embedding.Shape is [<= int.MaxValue and var rows, _]
            ? (int)rows
            : tokenizer.Tokens.Count;
        Require(file, Size("vocab_size", vocabulary) == vocabulary, $"{family}.vocab_size is not the number of rows of token_embd.weight ({vocabulary})");
        bool HasBias(string name) => file.Tensors.ContainsKey($"blk.0.{name}.bias");
        return new ModelConfig
        {
            Family = family,
            VocabSize = vocabulary,
            HiddenSize = hidden,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadDim = headDim,
            IntermediateSize = Size("feed_forward_length"),
            MaxPositions = maxPositions,
            RmsNormEps = metadata.Number($"{family}.attention.layer_norm_rms_epsilon"),
            TieWordEmbeddings = !file.Tensors.ContainsKey("output.weight"),
            QkvBias = HasBias("attn_q"),
            OutputBias = HasBias("attn_output"),
            MlpBias = HasBias("ffn_gate"),
            QkNorm = family == "qwen3",
            RopeTheta = metadata.Number($"{family}.rope.freq_base", 10_000),
            RopeScaling = ReadScaling(file, metadata, family, maxPositions, headDim),
            AttentionScale = 1 / Math.Sqrt(headDim),
            BosTokenId = tokenizer.BosTokenId,
            EosTokenIds = [.. new[] { tokenizer.EosTokenId, tokenizer.EotTokenId, tokenizer.EomTokenId }.OfType<int>().Distinct()],
            PadTokenId = tokenizer.PaddingTokenId,
        };
    }

    private static RopeScaling? ReadScaling(GgufFile file, GgufMetadata metadata, string family, int maxPositions, int headDim)
    {
        var prefix = $"{family}.rope.scaling.";
        var type = metadata.TextOrNull(prefix + "type") ?? "none";
        var factor = metadata.Number(prefix + "factor", metadata.Number($"{family}.rope.scale_linear", 1));
        var original = metadata.Int(prefix + "original_context_length", maxPositions);
        if (file.Tensors.TryGetValue(GgufNames.RopeDivisors, out var divisors))
        {
            Require(file, divisors.Elements == headDim / 2 && type == "none", $"{GgufNames.RopeDivisors} must hold {headDim / 2} numbers, without another scaling beside it");
            var numbers = new float[headDim / 2];
            file.ReadFloat32(GgufNames.RopeDivisors, numbers);
            Require(file, Array.TrueForAll(numbers, number => float.IsFinite(number) && number > 0), $"{GgufNames.RopeDivisors} must hold numbers above 0");
            return new RopeScaling(RopeScalingKind.Divisors) { Divisors = numbers };
        }

        return type switch
        {
            "none" when factor == 1 => null,
            "none" or "linear" => new RopeScaling(RopeScalingKind.Linear) { Factor = factor }, // old files name the factor only
            "yarn" => new RopeScaling(RopeScalingKind.Yarn)
            {
                Factor = factor,
                OriginalMaxPositions = original,
                BetaFast = metadata.Number(prefix + "yarn_beta_fast", 32),
                BetaSlow = metadata.Number(prefix + "yarn_beta_slow", 1),
            },
            _ => throw new RequestException($"{file.Path}: {prefix}type '{type}' is not supported; none, linear and yarn are."),
        };
    }

    private static GgufTokenizer ReadTokenizer(GgufMetadata metadata, string source)
    {
        const string at = GgufMetadata.Tokenizer;
        return new GgufTokenizer
        {
            Source = source,
            Model = metadata.Text(at + "model"),
            Pre = metadata.TextOrNull(at + "pre"),
            Tokens = metadata.List<string>(at + "tokens"),
            TokenTypes = metadata.List<int>(at + "token_type"),
            Scores = metadata.List<float>(at + "scores"),
            Merges = metadata.List<string>(at + "merges"),
            BosTokenId = metadata.IntOrNull(at + "bos_token_id"),
            EosTokenId = metadata.IntOrNull(at + "eos_token_id"),
            EotTokenId = metadata.IntOrNull(at + "eot_token_id"),
            EomTokenId = metadata.IntOrNull(at + "eom_token_id"),
            UnknownTokenId = metadata.IntOrNull(at + "unknown_token_id"),
            PaddingTokenId = metadata.IntOrNull(at + "padding_token_id"),
            AddBosToken = metadata.BoolOrNull(at + "add_bos_token"),
            AddEosToken = metadata.BoolOrNull(at + "add_eos_token"),
            AddSpacePrefix = metadata.BoolOrNull(at + "add_space_prefix"),
            ChatTemplate = metadata.TextOrNull("tokenizer.chat_template"),
        };
    }

    private static void Require(GgufFile file, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new RequestException($"{file.Path}: {otherwise}; the model cannot be used.");
        }
    }
}

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// How the configuration of a family differs: the defaults of transformers' configuration classes where a key is absent,
/// and what the family's code does without asking the configuration.
/// </summary>
internal sealed record ModelFamily
{
    /// <summary>Hugging Face's <c>model_type</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The class named in <c>architectures</c>.</summary>
    public required string Architecture { get; init; }

    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Width of a head where <c>head_dim</c> is absent; null: hidden size / heads.</summary>
    public int? HeadDim { get; init; }

    /// <summary><c>attention_bias</c> decides about biases on q, k, v and the output projection; otherwise there is no such key.</summary>
    public bool HasAttentionBiasKey { get; init; }

    /// <summary>q, k and v have biases, always.</summary>
    public bool AlwaysQkvBias { get; init; }

    /// <summary><c>mlp_bias</c> decides about biases on gate, up and down.</summary>
    public bool HasMlpBiasKey { get; init; }

    public bool QkNorm { get; init; }
    public bool Gemma { get; init; }

    /// <summary>The window slides only where <c>use_sliding_window</c> is true (Qwen).</summary>
    public bool HasSlidingSwitch { get; init; }

    /// <summary>Layers differ in whether they slide, and <c>layer_types</c> says how; otherwise a window holds for all of them.</summary>
    public bool HasLayerTypes { get; init; }

    /// <summary>Width of the window where the key <c>sliding_window</c> is absent.</summary>
    public int SlidingWindow { get; init; } = 4096;

    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new() { Name = "llama", Architecture = "LlamaForCausalLM", HasAttentionBiasKey = true, HasMlpBiasKey = true },
        new() { Name = "mistral", Architecture = "MistralForCausalLM" },
        new() { Name = "qwen2", Architecture = "Qwen2ForCausalLM", AlwaysQkvBias = true, HasSlidingSwitch = true, HasLayerTypes = true },
        new()
        {
            Name = "qwen3", Architecture = "Qwen3ForCausalLM", HeadDim = 128, HasAttentionBiasKey = true, QkNorm = true,
            HasSlidingSwitch = true, HasLayerTypes = true,
        },
        new()
        {
            Name = "gemma3_text", Architecture = "Gemma3ForCausalLM", HeadDim = 256, RopeTheta = 1_000_000, HasAttentionBiasKey = true,
            QkNorm = true, Gemma = true, HasLayerTypes = true,
        },
    ];

    /// <exception cref="RequestException">No such family.</exception>
    public static ModelFamily Of(string name, string place) => All.FirstOrDefault(family => family.Name == name)
        ?? throw new RequestException($"{place}: models of type '{name}' are not supported; {string.Join(", ", All.Select(family => family.Name))} are.");
}

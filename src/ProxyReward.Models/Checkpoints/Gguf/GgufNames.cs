namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>llama.cpp's names of tensors and Hugging Face's.</summary>
internal static class GgufNames
{
    /// <summary>Not a weight: see <see cref="Gguf.RopeDivisors"/>.</summary>
    public const string RopeDivisors = "rope_freqs.weight";

    private static readonly (string Gguf, string HuggingFace)[] Outer =
    [
        ("token_embd", "model.embed_tokens"),
        ("output_norm", "model.norm"),
        ("output", "lm_head"),
    ];

    private static readonly (string Gguf, string HuggingFace)[] Inner =
    [
        ("attn_norm", "input_layernorm"),
        ("attn_q", "self_attn.q_proj"),
        ("attn_k", "self_attn.k_proj"),
        ("attn_v", "self_attn.v_proj"),
        ("attn_q_norm", "self_attn.q_norm"),
        ("attn_k_norm", "self_attn.k_norm"),
        ("attn_output", "self_attn.o_proj"),
        ("ffn_norm", "post_attention_layernorm"),
        ("ffn_gate", "mlp.gate_proj"),
        ("ffn_up", "mlp.up_proj"),
        ("ffn_down", "mlp.down_proj"),
    ];

    /// <summary>Hugging Face's name; a name that is not known stays, for the check of the layout to name it.</summary>
    public static string ToHuggingFace(string name) => Translate(name, "blk.", "model.layers.", pair => pair.Gguf, pair => pair.HuggingFace) ?? name;

    /// <summary>llama.cpp's name of a tensor of <see cref="Transformer.ParameterLayout"/>.</summary>
    public static string ToGguf(string name) => Translate(name, "model.layers.", "blk.", pair => pair.HuggingFace, pair => pair.Gguf)
        ?? throw new RequestException($"{name}: this tensor has no name in GGUF files.");

    /// <summary>Whether the rows of a tensor (Hugging Face's name) are rotated: weights and biases of q and k.</summary>
    public static bool IsRotated(string name) =>
        name.Contains(".self_attn.q_proj.", StringComparison.Ordinal) || name.Contains(".self_attn.k_proj.", StringComparison.Ordinal);

    private static string? Translate(
        string name, string layers, string toLayers, Func<(string Gguf, string HuggingFace), string> from, Func<(string Gguf, string HuggingFace), string> to)
    {
        var kind = name.LastIndexOf('.');
        if (kind < 0 || name[kind..] is not (".weight" or ".bias"))
        {
            return null;
        }

        var stem = name[..kind];
        var prefix = "";
        var table = Outer;
        if (stem.StartsWith(layers, StringComparison.Ordinal) && stem.IndexOf('.', layers.Length) is var dot and > 0)
        {
            prefix = $"{toLayers}{stem[layers.Length..dot]}.";
            stem = stem[(dot + 1)..];
            table = Inner;
        }

        var index = Array.FindIndex(table, pair => from(pair) == stem);
        return index < 0 ? null : prefix + to(table[index]) + name[kind..];
    }
}

using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints;

/// <summary>The tensors that a model of a given shape has, under Hugging Face's names.</summary>
public static class TensorLayout
{
    /// <summary>The head of a model; stored only where it is not the embedding.</summary>
    public const string Head = "lm_head.weight";

    /// <summary>The embedding. [vocabulary, hidden]</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>Every tensor with its shape, in the order of the forward pass.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<long>> Of(ModelConfig config)
    {
        var (hidden, inner) = ((long)config.HiddenSize, (long)config.IntermediateSize);
        var (queries, keys) = ((long)config.Heads * config.HeadDim, (long)config.KeyValueHeads * config.HeadDim);
        var layout = new Dictionary<string, IReadOnlyList<long>> { [Embedding] = [config.VocabSize, hidden] };
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var at = $"model.layers.{layer}.";
            Norm(at + "input_layernorm", hidden);
            Linear(at + "self_attn.q_proj", queries, hidden, config.QkvBias);
            Linear(at + "self_attn.k_proj", keys, hidden, config.QkvBias);
            Linear(at + "self_attn.v_proj", keys, hidden, config.QkvBias);
            if (config.QkNorm)
            {
                Norm(at + "self_attn.q_norm", config.HeadDim);
                Norm(at + "self_attn.k_norm", config.HeadDim);
            }

            Linear(at + "self_attn.o_proj", hidden, queries, config.OutputBias);
            Norm(at + "post_attention_layernorm", hidden);
            if (config.Gemma)
            {
                Norm(at + "pre_feedforward_layernorm", hidden);
                Norm(at + "post_feedforward_layernorm", hidden);
            }

            Linear(at + "mlp.gate_proj", inner, hidden, config.MlpBias);
            Linear(at + "mlp.up_proj", inner, hidden, config.MlpBias);
            Linear(at + "mlp.down_proj", hidden, inner, config.MlpBias);
        }

        Norm("model.norm", hidden);
        if (!config.TieWordEmbeddings)
        {
            layout[Head] = [config.VocabSize, hidden];
        }

        return layout;

        void Norm(string name, long size) => layout[name + ".weight"] = [size];
        void Linear(string name, long outputs, long inputs, bool bias)
        {
            layout[name + ".weight"] = [outputs, inputs];
            if (bias)
            {
                layout[name + ".bias"] = [outputs];
            }
        }
    }

    /// <summary>Numbers in a model of this shape, a tied head counted once.</summary>
    public static long Parameters(ModelConfig config) => Of(config).Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>Checks that a checkpoint has exactly the tensors of its configuration.</summary>
    /// <param name="config">What config.json says.</param>
    /// <param name="source">What the files hold.</param>
    /// <param name="place">The checkpoint, for errors.</param>
    /// <exception cref="RequestException">A tensor is missing, misshapen or not of this model: the message names up to five.</exception>
    public static void Check(ModelConfig config, ITensorSource source, string place)
    {
        var layout = Of(config);
        var wrong = layout.Where(t => !source.Shapes.TryGetValue(t.Key, out var shape) || !shape.SequenceEqual(t.Value))
            .Select(t => source.Shapes.TryGetValue(t.Key, out var shape)
                ? $"{t.Key} is [{string.Join(", ", shape)}] instead of [{string.Join(", ", t.Value)}]"
                : $"{t.Key} is missing")
            .Concat(source.Shapes.Keys.Where(name => !layout.ContainsKey(name) && !IsRedundant(name, config, source)).Select(name => $"{name} is not of this model"))
            .ToList();
        if (wrong.Count > 0)
        {
            var more = wrong.Count > 5 ? $"; and {wrong.Count - 5} more" : "";
            throw new RequestException($"{place}: the tensors are not those of its configuration: {string.Join("; ", wrong.Take(5))}{more}. Fetch weights and config.json of one revision.");
        }
    }

    // Old Llama files carry the rotary frequencies, which follow from the configuration; some tied files carry the head all the same.
    private static bool IsRedundant(string name, ModelConfig config, ITensorSource source) =>
        name.EndsWith(".self_attn.rotary_emb.inv_freq", StringComparison.Ordinal)
        || (name == Head && config.TieWordEmbeddings && IsEmbedding(source));

    private static bool IsEmbedding(ITensorSource source)
    {
        if (!source.Shapes[Head].SequenceEqual(source.Shapes[Embedding]))
        {
            return false;
        }

        var count = checked((int)source.Shapes[Head].Aggregate(1L, (product, size) => product * size));
        var (head, embedding) = (new float[count], new float[count]);
        source.ReadFloat32(Head, head);
        source.ReadFloat32(Embedding, embedding);
        return head.AsSpan().SequenceEqual(embedding);
    }
}

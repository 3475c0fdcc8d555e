using ProxyReward.Models.Checkpoints;

namespace ProxyReward.Models.Transformer;

/// <summary>One parameter of a model: its Hugging Face name, shape and place in the flat buffers.</summary>
/// <param name="Name">As in a Hugging Face checkpoint.</param>
/// <param name="Shape">[out, in] for matrices, [width] for biases and norms.</param>
/// <param name="Offset">First element in the flat buffers.</param>
public sealed record ParameterSlot(string Name, IReadOnlyList<long> Shape, long Offset)
{
    /// <summary>Number of elements.</summary>
    public long Size => Shape.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Biases and norms are exempt from weight decay, as in transformers' Trainer.</summary>
    public bool Decays => Shape.Count > 1;
}

/// <summary>
/// Which parameters a model has and where they lie in one flat buffer. q, k, v (and gate, up) are neighbours, so that each group is one matrix.
/// Immutable.
/// </summary>
public sealed class ParameterLayout
{
    private readonly List<ParameterSlot> slots = [];
    private readonly Dictionary<string, ParameterSlot> byName = new(StringComparer.Ordinal);

    /// <summary>The layout of a model.</summary>
    public ParameterLayout(ModelConfig config)
    {
        long hidden = config.HiddenSize, inner = config.IntermediateSize;
        long queries = (long)config.Heads * config.HeadDim, keys = (long)config.KeyValueHeads * config.HeadDim;
        Add("model.embed_tokens.weight", config.VocabSize, hidden);
        for (var i = 0; i < config.Layers; i++)
        {
            var layer = $"model.layers.{i}.";
            Add(layer + "input_layernorm.weight", hidden);
            Group(layer + "self_attn.", config.QkvBias, hidden, ("q_proj", queries), ("k_proj", keys), ("v_proj", keys));
            if (config.QkNorm)
            {
                Add(layer + "self_attn.q_norm.weight", config.HeadDim);
                Add(layer + "self_attn.k_norm.weight", config.HeadDim);
            }

            Group(layer + "self_attn.", config.OutputBias, queries, ("o_proj", hidden));
            Add(layer + "post_attention_layernorm.weight", hidden);
            if (config.Gemma)
            {
                Add(layer + "pre_feedforward_layernorm.weight", hidden);
                Add(layer + "post_feedforward_layernorm.weight", hidden);
            }

            Group(layer + "mlp.", config.MlpBias, hidden, ("gate_proj", inner), ("up_proj", inner));
            Group(layer + "mlp.", config.MlpBias, inner, ("down_proj", hidden));
        }

        Add("model.norm.weight", hidden);
        if (!config.TieWordEmbeddings)
        {
            Add("lm_head.weight", config.VocabSize, hidden);
        }
    }

    /// <summary>All parameters in the order of the flat buffers.</summary>
    public IReadOnlyList<ParameterSlot> Slots => slots;

    /// <summary>Elements in all.</summary>
    public long Size { get; private set; }

    /// <summary>A parameter by its name.</summary>
    public ParameterSlot this[string name] => byName[name];

    /// <summary>Checks that a checkpoint has exactly these parameters.</summary>
    /// <exception cref="RequestException">A tensor is missing, extra or misshapen; the message names it.</exception>
    public void Check(IReadOnlyDictionary<string, IReadOnlyList<long>> shapes, string where)
    {
        foreach (var slot in slots)
        {
            if (!shapes.TryGetValue(slot.Name, out var shape))
            {
                throw new RequestException($"{where}: tensor {slot.Name} is missing; config.json asks for it");
            }

            if (!shape.SequenceEqual(slot.Shape))
            {
                throw new RequestException(
                    $"{where}: tensor {slot.Name} is [{string.Join(", ", shape)}], config.json asks for [{string.Join(", ", slot.Shape)}]");
            }
        }

        // Old Llama checkpoints store the rotary frequencies, tied ones may repeat the embedding as the head: neither is a parameter.
        var extra = shapes.Keys.FirstOrDefault(name => !byName.ContainsKey(name) && name != "lm_head.weight" && !name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal));
        if (extra is not null)
        {
            throw new RequestException($"{where}: tensor {extra} belongs to no parameter that config.json describes: the checkpoint is of another architecture");
        }
    }

    private void Group(string prefix, bool bias, long inputs, params (string Name, long Outputs)[] projections)
    {
        foreach (var (name, outputs) in projections)
        {
            Add($"{prefix}{name}.weight", outputs, inputs);
        }

        foreach (var (name, outputs) in bias ? projections : [])
        {
            Add($"{prefix}{name}.bias", outputs);
        }
    }

    private void Add(string name, params long[] shape)
    {
        var slot = new ParameterSlot(name, shape, Size);
        slots.Add(slot);
        byName.Add(name, slot);
        Size += slot.Size;
    }
}

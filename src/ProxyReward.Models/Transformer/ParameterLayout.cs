using ProxyReward.Models.Checkpoints;

namespace ProxyReward.Models.Transformer;

/// <summary>One parameter of a model or of an adapter: its name, shape and place in the flat buffers.</summary>
/// <param name="Name">As in a Hugging Face checkpoint, or in a PEFT adapter.</param>
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
/// Which parameters a model or an adapter has and where they lie in one flat buffer. q, k, v (and gate, up) are neighbours, so that each group
/// is one matrix. Immutable.
/// </summary>
public sealed class ParameterLayout
{
    /// <summary>The embedding. [vocabulary, hidden]</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>The head of a model; stored only where it is not the embedding. [vocabulary, hidden]</summary>
    public const string Head = "lm_head.weight";

    private readonly List<ParameterSlot> slots = [];
    private readonly Dictionary<string, ParameterSlot> byName = new(StringComparer.Ordinal);
    private readonly string describedBy;

    /// <summary>The layout of a model.</summary>
    public ParameterLayout(ModelConfig config)
    {
        describedBy = "config.json";
        long hidden = config.HiddenSize, inner = config.IntermediateSize;
        long queries = (long)config.Heads * config.HeadDim, keys = (long)config.KeyValueHeads * config.HeadDim;
        Add(Embedding, config.VocabSize, hidden);
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
            Add(Head, config.VocabSize, hidden);
        }
    }

    /// <summary>A layout of given parameters.</summary>
    /// <param name="parameters">Names and shapes, in the order of the flat buffers.</param>
    /// <param name="describedBy">The file that says which they are, for errors.</param>
    internal ParameterLayout(IEnumerable<(string Name, long[] Shape)> parameters, string describedBy)
    {
        this.describedBy = describedBy;
        foreach (var (name, shape) in parameters)
        {
            Add(name, shape);
        }
    }

    /// <summary>All parameters in the order of the flat buffers.</summary>
    public IReadOnlyList<ParameterSlot> Slots => slots;

    /// <summary>Elements in all.</summary>
    public long Size { get; private set; }

    /// <summary>A parameter by its name.</summary>
    public ParameterSlot this[string name] => byName[name];

    /// <summary>Whether there is such a parameter.</summary>
    public bool Contains(string name) => byName.ContainsKey(name);

    /// <summary>Checks that a checkpoint has exactly these parameters.</summary>
    /// <param name="source">What its files hold.</param>
    /// <param name="place">The checkpoint, for errors.</param>
    /// <param name="mend">What to do about tensors that do not fit, where it is not to fetch weights and configuration of one revision.</param>
    /// <exception cref="RequestException">
    /// A tensor is missing, misshapen or not of this model: the message names up to five. Or one has more numbers than an array holds.
    /// </exception>
    public void Check(ITensorSource source, string place, string? mend = null)
    {
        var wrong = slots.Where(slot => !source.Shapes.TryGetValue(slot.Name, out var shape) || !shape.SequenceEqual(slot.Shape))
            .Select(slot => source.Shapes.TryGetValue(slot.Name, out var shape)
                ? $"{slot.Name} is [{string.Join(", ", shape)}] instead of [{string.Join(", ", slot.Shape)}]"
                : $"{slot.Name} is missing")
            .Concat(source.Shapes.Keys.Where(name => !byName.ContainsKey(name) && !IsRedundant(name)).Select(name => $"{name} is not of this model"))
            .ToList();
        if (wrong.Count > 0)
        {
            var more = wrong.Count > 5 ? $"; and {wrong.Count - 5} more" : "";
            throw new RequestException($"{place}: the tensors are not those of its configuration: {string.Join("; ", wrong.Take(5))}{more}. {mend ?? $"Fetch weights and {describedBy} of one revision."}");
        }

        if (slots.Find(slot => slot.Size > Array.MaxLength) is { } large)
        {
            throw new RequestException($"{place}: {large.Name} holds {large.Size} numbers; a tensor of more than {Array.MaxLength} is not read: the model cannot be used.");
        }
    }

    // Old Llama files carry the rotary frequencies, which follow from the configuration.
    private static bool IsRedundant(string name) => name.EndsWith(".self_attn.rotary_emb.inv_freq", StringComparison.Ordinal);

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

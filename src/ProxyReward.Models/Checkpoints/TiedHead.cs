using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// The tensors of a model whose head is its embedding, in a file that holds the head all the same. The head is not shown; whoever reads the embedding
/// has it held against the head, so that nothing is read before and no head that was trained on its own is dropped. Owns what it wraps.
/// </summary>
internal sealed class TiedHead : ITensorSource
{
    private readonly SafetensorsFolder all;

    private TiedHead(SafetensorsFolder all)
    {
        this.all = all;
        Shapes = all.Shapes.Where(tensor => tensor.Key != ParameterLayout.Head).ToDictionary(tensor => tensor.Key, tensor => tensor.Value);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; }

    /// <summary>The tensors of a model, without a head that its configuration says is the embedding.</summary>
    public static ITensorSource Of(SafetensorsFolder all, ModelConfig config) =>
        config.TieWordEmbeddings
            && all.Shapes.TryGetValue(ParameterLayout.Head, out var head)
            && all.Shapes.TryGetValue(ParameterLayout.Embedding, out var embedding)
            && head.SequenceEqual(embedding)
            ? new TiedHead(all)
            : all;

    /// <inheritdoc/>
    public string StoredType(string name) => all.StoredType(name);

    /// <inheritdoc/>
    public void ReadFloat32(string name, Span<float> destination)
    {
        all.ReadFloat32(name, destination);
        if (name == ParameterLayout.Embedding && !all.Holds(ParameterLayout.Head, destination))
        {
            throw new RequestException(
                $"{all.Path}: {ParameterLayout.Head} holds other numbers than {name}, while tie_word_embeddings says that they are one; set it to false if the head was trained on its own.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => all.Dispose();
}

using ProxyReward.Models.Checkpoints;

namespace ProxyReward.Models.Encoders;

/// <summary>Tensors without those that a model does not use: position numbers, the pooler of another head. Owns what it wraps.</summary>
internal sealed class UsedTensors(ITensorSource all, IReadOnlySet<string> unused) : ITensorSource
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; } =
        all.Shapes.Where(tensor => !unused.Contains(tensor.Key)).ToDictionary(tensor => tensor.Key, tensor => tensor.Value);

    /// <inheritdoc/>
    public string StoredType(string name) => all.StoredType(name);

    /// <inheritdoc/>
    public void ReadFloat32(string name, Span<float> destination) => all.ReadFloat32(name, destination);

    /// <inheritdoc/>
    public void Dispose() => all.Dispose();
}

using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Adapters;

/// <summary>A model's tensors with an adapter merged into them as they are read; on disk both stay as they are. Owns both. Thread-safe for reading.</summary>
internal sealed class AdaptedTensors : ITensorSource
{
    private readonly ITensorSource model;
    private readonly SafetensorsFolder factors;
    private readonly ParameterLayout layout;
    private readonly LoraConfig config;

    private AdaptedTensors(ITensorSource model, SafetensorsFolder factors, ParameterLayout layout, LoraConfig config) =>
        (this.model, this.factors, this.layout, this.config) = (model, factors, layout, config);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes => model.Shapes;

    /// <summary>Opens an adapter and checks it against the model. The numbers of neither are read.</summary>
    /// <param name="folder">A PEFT folder.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="model">The model's tensors; the result owns them.</param>
    /// <param name="shape">The model's.</param>
    /// <exception cref="RequestException">A target, name or shape is none of this model's.</exception>
    public static AdaptedTensors Open(string folder, LoraConfig config, ITensorSource model, ModelConfig shape)
    {
        var needed = LoraAdapter.LayoutOf(config, new ParameterLayout(shape), Path.Combine(folder, PeftFolder.ConfigName));
        var found = SafetensorsFolder.Open(folder);
        try
        {
            needed.Check(
                found, folder, $"Fetch {PeftFolder.ConfigName} and {SafetensorsIndex.AdapterName} of one revision, or merge the adapter into the model that it was trained on.");
            return new AdaptedTensors(model, found, needed, config);
        }
        catch
        {
            found.Dispose();
            throw;
        }
    }

    /// <summary>That of the model, or F32 for what is merged.</summary>
    public string StoredType(string name) => FactorsOf(name) is null ? model.StoredType(name) : nameof(SafetensorsType.F32);

    /// <inheritdoc/>
    public void ReadFloat32(string name, Span<float> destination)
    {
        model.ReadFloat32(name, destination);
        if (FactorsOf(name) is { } pair)
        {
            MergedUpdate.Add(destination, config, Read(pair.B), Read(pair.A));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        factors.Dispose();
        model.Dispose();
    }

    private (string A, string B)? FactorsOf(string name)
    {
        const string weight = ".weight";
        if (!name.EndsWith(weight, StringComparison.Ordinal))
        {
            return null;
        }

        var module = name[..^weight.Length];
        return layout.Contains(LoraAdapter.NameOfA(module)) ? (LoraAdapter.NameOfA(module), LoraAdapter.NameOfB(module)) : null;
    }

    private float[] Read(string name)
    {
        var numbers = new float[layout[name].Size];
        factors.ReadFloat32(name, numbers);
        return numbers;
    }
}

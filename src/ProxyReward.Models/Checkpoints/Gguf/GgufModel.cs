using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>
/// A language model in a GGUF (architectures llama, which is also Mistral's, qwen2 and qwen3) under Hugging Face's names and layout:
/// rows of q and k that llama.cpp stores for interleaved rotation are put back in order. Thread-safe for reading.
/// </summary>
public sealed class GgufModel : ITensorSource
{
    private readonly GgufFile file;
    private readonly Dictionary<string, string> names; // Hugging Face's to the file's

    private GgufModel(GgufFile file)
    {
        this.file = file;
        (Config, Tokenizer) = GgufConfig.Read(file);
        names = file.Tensors.Keys.Where(name => name != GgufNames.RopeDivisors).GroupBy(GgufNames.ToHuggingFace).ToDictionary(
            name => name.Key, name => name.Count() == 1 ? name.First() : throw new RequestException($"{file.Path}: holds both {string.Join(" and ", name)}; fetch it again."));
        Shapes = names.ToDictionary(name => name.Key, name => file.Tensors[name.Value].Shape);
        new ParameterLayout(Config).Check(this, file.Path, "Fetch the file again, or convert it with a current llama.cpp.");
    }

    public ModelConfig Config { get; }

    public GgufTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; }

    /// <exception cref="RequestException">The file is damaged, or its architecture, a key or a tensor is not understood.</exception>
    public static GgufModel Open(string path)
    {
        var opened = GgufFile.Open(path);
        try
        {
            return new GgufModel(opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string StoredType(string name) => file.Tensors[Find(name)].Type.ToString();

    /// <inheritdoc/>
    public void ReadFloat32(string name, Span<float> destination)
    {
        file.ReadFloat32(Find(name), destination);
        if (Config.Family == "llama" && GgufNames.IsRotated(name))
        {
            RotaryOrder.ToHalves(destination, Config.HeadDim, checked((int)Shapes[name].Skip(1).Aggregate(1L, (product, size) => product * size)));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private string Find(string name) => names.TryGetValue(name, out var found)
        ? found
        : throw new RequestException($"{file.Path}: has no tensor {name}.");
}

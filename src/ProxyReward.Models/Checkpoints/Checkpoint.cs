using ProxyReward.Models.Checkpoints.Gguf;
using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// A language model on disk: a Hugging Face folder (<c>config.json</c>, safetensors, <c>tokenizer.json</c>) or a GGUF. Its tensors have been
/// checked against its configuration: none is missing, misshapen or unaccounted for. Thread-safe for reading.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private Checkpoint(string path, ModelConfig config, ITensorSource tensors, GgufTokenizer? ggufTokenizer)
    {
        (Path, Config, Tensors, GgufTokenizer) = (path, config, tensors, ggufTokenizer);
    }

    public string Path { get; }

    public ModelConfig Config { get; }

    public ITensorSource Tensors { get; }

    /// <summary>The tokenizer inside a GGUF; null for a folder, whose tokenizer is <see cref="TokenizerPath"/>.</summary>
    public GgufTokenizer? GgufTokenizer { get; }

    /// <summary><c>tokenizer.json</c> of a folder; null where there is none, and for a GGUF.</summary>
    public string? TokenizerPath =>
        GgufTokenizer is null && System.IO.Path.Combine(Path, TokenizerFiles.Tokenizer) is var file && File.Exists(file) ? file : null;

    /// <summary>Jinja; null where there is none.</summary>
    public string? ChatTemplate => GgufTokenizer is { } tokenizer ? tokenizer.ChatTemplate : TokenizerFiles.ReadSettings(Path).ChatTemplate;

    /// <summary>The token that ends a text: the tokenizer's, or else the first that the configuration names.</summary>
    /// <param name="tokenizer">The checkpoint's.</param>
    internal int? EndTokenOf(Tokenizer tokenizer) => GgufTokenizer is null && TokenizerFiles.ReadSettings(Path).Eos is { } text && tokenizer.TokenToId(text) is { } id
        ? id
        : Config.EosTokenIds.Select(end => (int?)end).FirstOrDefault();

    /// <summary>Opens a folder, or a <c>.gguf</c> file.</summary>
    /// <exception cref="RequestException">There is none, it is damaged, or its model is one that this engine does not compute.</exception>
    public static Checkpoint Open(string path)
    {
        if (File.Exists(path))
        {
            var model = GgufModel.Open(path);
            return new Checkpoint(path, model.Config, model, model.Tokenizer);
        }

        if (!File.Exists(System.IO.Path.Combine(path, "config.json")))
        {
            throw NoModel(path);
        }

        var config = ConfigReader.Read(path);
        var tensors = SafetensorsFolder.Open(path);
        try
        {
            new ParameterLayout(config).Check(tensors, path);
            return new Checkpoint(path, config, tensors, null);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <summary>Writes the model as a Hugging Face folder: configuration, tokenizer and weights.</summary>
    /// <param name="tensors">Its weights, or others of the same layout: a policy trained from it. Null: its own.</param>
    public void SaveFolder(string folder, SafetensorsType type, IReadOnlyList<TensorToWrite>? tensors = null, long shardBytes = SafetensorsWriter.DefaultShardBytes)
    {
        ConfigWriter.Write(folder, Config, type);
        if (GgufTokenizer is { } tokenizer)
        {
            TokenizerExport.Write(folder, tokenizer);
        }
        else if (System.IO.Path.GetFullPath(folder) != System.IO.Path.GetFullPath(Path))
        {
            foreach (var file in TokenizerFiles.All.Where(file => File.Exists(System.IO.Path.Combine(Path, file))))
            {
                File.Copy(System.IO.Path.Combine(Path, file), System.IO.Path.Combine(folder, file), overwrite: true);
            }
        }

        SafetensorsWriter.WriteFolder(folder, tensors ?? [.. new ParameterLayout(Config).Slots.Select(slot => TensorToWrite.Of(Tensors, slot.Name))], type, shardBytes);
    }

    /// <summary>Writes the model as a GGUF that llama.cpp loads.</summary>
    /// <param name="type">F32, F16, BF16 or Q8_0, for matrices; norms and biases stay F32.</param>
    public void SaveGguf(string path, GgufType type) =>
        GgufExport.Write(path, Config, Tensors, GgufTokenizer ?? TokenizerImport.Read(Path, Config), type);

    /// <inheritdoc/>
    public void Dispose() => Tensors.Dispose();

    internal static RequestException NoModel(string path) => new($"{path}: is neither a .gguf file nor a folder with a config.json.");
}

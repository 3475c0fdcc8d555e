using ProxyReward.Models.Adapters;
using ProxyReward.Models.Checkpoints.Gguf;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Checkpoints;

/// <summary>
/// A language model on disk: a Hugging Face folder (<c>config.json</c>, safetensors, <c>tokenizer.json</c>), a GGUF, or a PEFT adapter, which is its base with
/// the adapter merged. Its tensors have been checked against its configuration: none is missing, misshapen or unaccounted for. Thread-safe for reading.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private readonly string? folder; // with config.json; null: all is in a GGUF
    private readonly string? tokenizerFolder; // null: the tokenizer is in a GGUF

    private Checkpoint(string path, ModelConfig config, ITensorSource tensors, string? folder, string? tokenizerFolder, GgufTokenizer? ggufTokenizer)
    {
        (Path, Config, Tensors, GgufTokenizer) = (path, config, tensors, ggufTokenizer);
        (this.folder, this.tokenizerFolder) = (folder, tokenizerFolder);
    }

    public string Path { get; }

    public ModelConfig Config { get; }

    public ITensorSource Tensors { get; }

    /// <summary>The adapter that is merged into the tensors, and into what; null where there is none.</summary>
    public MergedAdapter? Adapter { get; private init; }

    /// <summary>What the weights are stored in: safetensors, GGUF, or an adapter.</summary>
    public string Format => Adapter is not null ? "PEFT adapter" : folder is not null ? "safetensors" : "GGUF";

    /// <summary>The tokenizer inside a GGUF; null for a folder, whose tokenizer is <see cref="TokenizerPath"/>.</summary>
    public GgufTokenizer? GgufTokenizer { get; }

    /// <summary>The folder with the tokenizer's files: the checkpoint's own, or an adapter's base; null for a GGUF.</summary>
    internal string? TokenizerFolder => tokenizerFolder;

    /// <summary><c>tokenizer.json</c> of a folder; null where there is none, and for a GGUF.</summary>
    public string? TokenizerPath =>
        tokenizerFolder is not null && System.IO.Path.Combine(tokenizerFolder, TokenizerFiles.Tokenizer) is var file && File.Exists(file) ? file : null;

    /// <summary>Jinja; null where there is none.</summary>
    public string? ChatTemplate => tokenizerFolder is null ? GgufTokenizer?.ChatTemplate : TokenizerFiles.ReadSettings(tokenizerFolder).ChatTemplate;

    /// <summary>The token that ends a text: the tokenizer's, or else the first that the configuration names.</summary>
    /// <param name="tokenizer">The checkpoint's.</param>
    internal int? EndTokenOf(Tokenizer tokenizer) => tokenizerFolder is not null && TokenizerFiles.ReadSettings(tokenizerFolder).Eos is { } text && tokenizer.TokenToId(text) is { } id
        ? id
        : Config.EosTokenIds.Select(end => (int?)end).FirstOrDefault();

    /// <summary>Opens a folder, a <c>.gguf</c> file, or a PEFT adapter with the base that it names.</summary>
    /// <param name="path">See <see cref="CheckpointLocator"/>.</param>
    /// <param name="hub">Where bases that are models of the Hub are; null: where the environment says.</param>
    /// <exception cref="RequestException">There is none, it is damaged, or its model is one that this engine does not compute.</exception>
    public static Checkpoint Open(string path, HubOptions? hub = null)
    {
        var parts = CheckpointLocator.PartsOf(path, hub);
        return parts.SkipLast(1).Reverse().Aggregate(OpenWhole(parts[^1]), (model, adapter) => model.With(adapter));
    }

    /// <summary>The model with an adapter merged into it, whatever base it names. Owns this one, which is closed where the adapter does not fit.</summary>
    /// <param name="adapter">A PEFT folder.</param>
    /// <exception cref="RequestException">It is none, it is damaged, or it belongs to another model.</exception>
    public Checkpoint With(string adapter)
    {
        try
        {
            var lora = PeftFolder.ReadConfig(adapter);
            var tensors = AdaptedTensors.Open(adapter, lora, Tensors, Config);
            var hasTokenizer = File.Exists(System.IO.Path.Combine(adapter, TokenizerFiles.Tokenizer));
            return new Checkpoint(adapter, Config, tensors, folder, hasTokenizer ? adapter : tokenizerFolder, hasTokenizer ? null : GgufTokenizer)
            {
                Adapter = new MergedAdapter(Path, lora),
            };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Writes the model as a Hugging Face folder: configuration, tokenizer and weights.</summary>
    /// <param name="tensors">Its weights, or others of the same layout: a policy trained from it. Null: its own.</param>
    public void SaveFolder(string target, SafetensorsType type, IReadOnlyList<TensorToWrite>? tensors = null, long shardBytes = SafetensorsWriter.DefaultShardBytes)
    {
        ConfigWriter.Write(target, Config, type, folder is null ? null : GenerationSettings.Read(folder));
        if (tokenizerFolder is null)
        {
            TokenizerExport.Write(target, GgufTokenizer!);
        }
        else if (System.IO.Path.GetFullPath(target) != System.IO.Path.GetFullPath(tokenizerFolder))
        {
            foreach (var file in TokenizerFiles.All.Where(file => File.Exists(System.IO.Path.Combine(tokenizerFolder, file))))
            {
                File.Copy(System.IO.Path.Combine(tokenizerFolder, file), System.IO.Path.Combine(target, file), overwrite: true);
            }
        }

        SafetensorsWriter.WriteFolder(target, tensors ?? [.. new ParameterLayout(Config).Slots.Select(slot => TensorToWrite.Of(Tensors, slot.Name))], type, shardBytes);
    }

    /// <summary>Writes the model as a GGUF that llama.cpp loads.</summary>
    /// <param name="type">F32, F16, BF16 or Q8_0, for matrices; norms and biases stay F32.</param>
    public void SaveGguf(string path, GgufType type) =>
        GgufExport.Write(path, Config, Tensors, tokenizerFolder is null ? GgufTokenizer! : TokenizerImport.Read(tokenizerFolder, Config), type);

    /// <inheritdoc/>
    public void Dispose() => Tensors.Dispose();

    private static Checkpoint OpenWhole(string path)
    {
        if (File.Exists(path))
        {
            var model = GgufModel.Open(path);
            return new Checkpoint(path, model.Config, model, null, null, model.Tokenizer);
        }

        if (!File.Exists(System.IO.Path.Combine(path, "config.json")))
        {
            throw NoModel(path);
        }

        var config = ConfigReader.Read(path);
        var tensors = TiedHead.Of(SafetensorsFolder.Open(path), config);
        try
        {
            new ParameterLayout(config).Check(tensors, path);
            return new Checkpoint(path, config, tensors, path, path, null);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    internal static RequestException NoModel(string path) =>
        new($"{path}: is neither a .gguf file, nor a folder with a config.json, nor an adapter with an {PeftFolder.ConfigName}.");
}

/// <summary>An adapter that is merged into a model as it is read.</summary>
/// <param name="Base">Path of the model.</param>
/// <param name="Lora">Rank, scaling and targets.</param>
public sealed record MergedAdapter(string Base, LoraConfig Lora);

using ProxyReward.Lab.Chat;
using ProxyReward.Lab.Corpus;
using ProxyReward.Lab.Worlds;
using ProxyReward.Models.Native;
using ProxyReward.Models.Tokenization;
using ProxyReward.Models.Transformer;
using TorchSharp;

namespace ProxyReward.Lab.Pretraining;

/// <summary>A pocket model that the project makes from nothing.</summary>
/// <param name="Name">The name of its folder.</param>
/// <param name="Options">Shape and training.</param>
public sealed record PocketModel(string Name, PretrainingOptions Options)
{
    private const int VocabSize = 2048;
    private const string StateFile = "pretraining.safetensors";

    /// <summary>The two that ship.</summary>
    public static IReadOnlyList<PocketModel> All { get; } =
    [
        new("model-1m", new() { HiddenSize = 128, Layers = 4, Heads = 2, IntermediateSize = 352, LearningRate = 4e-3, Steps = 2500 }),
        new("model-3m", new() { HiddenSize = 192, Layers = 6, Heads = 3, IntermediateSize = 512, LearningRate = 3e-3, Steps = 1600 }),
    ];

    /// <summary>The tokenizer of all pocket models: byte-level BPE, learnt from the world's texts.</summary>
    public static byte[] TrainTokenizer() => BpeTrainer.Train(TokenizerTexts.Of(World.Create(), seed: 0), ChatMl.SpecialTokens, VocabSize).ToJson();

    /// <summary>
    /// Makes the model from nothing, or goes on where a run before was stopped, on the calling thread alone: matrices this small gain nothing
    /// from a second one, and so the bytes do not depend on how many the machine has. Compute type: what is fast here (bf16 or fp32).
    /// </summary>
    /// <param name="folder">The Hugging Face folder; also keeps the resumable state until the model is done.</param>
    /// <param name="onStep">Told after every step.</param>
    public void Pretrain(string folder, Action<PretrainingStep> onStep, CancellationToken cancellationToken)
    {
        NativeEngine.Load();
        torch.set_num_threads(1);
        Directory.CreateDirectory(folder);
        var tokenizerJson = TrainTokenizer();
        var tokenizer = Tokenizer.Parse(tokenizerJson, "tokenizer.json");
        var config = Options.Shape(tokenizer.VocabSize, tokenizer.TokenToId(ChatMl.EndOfText)!.Value, tokenizer.TokenToId(ChatMl.End)!.Value);
        using var model = new LanguageModel(config, new Parameters(new ParameterLayout(config), Processor.ComputeType));
        var state = Path.Combine(folder, StateFile);
        Pretrainer.Run(model, tokenizer, new PretrainingCorpus(World.Create(), Options.Seed), Options, state, onStep, cancellationToken);
        PocketModelFolder.Write(folder, model, tokenizerJson);
        File.Delete(state);
    }
}

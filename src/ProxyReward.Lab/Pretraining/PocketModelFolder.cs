using System.Text.Json;
using ProxyReward.Lab.Chat;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Lab.Pretraining;

/// <summary>The Hugging Face folder of a pocket model: configuration, weights, tokenizer, chat template.</summary>
public static class PocketModelFolder
{
    /// <summary>Writes the folder; weights are rounded to bf16, which is what the pocket models ship as.</summary>
    /// <param name="folder">Made if absent.</param>
    /// <param name="tokenizerJson">The bytes of <c>tokenizer.json</c>.</param>
    public static void Write(string folder, LanguageModel model, byte[] tokenizerJson)
    {
        Directory.CreateDirectory(folder);
        ConfigWriter.Write(folder, model.Config, SafetensorsType.BF16);
        File.WriteAllBytes(Path.Combine(folder, "tokenizer.json"), tokenizerJson);
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), TokenizerConfig(model.Config));
        SafetensorsWriter.WriteFolder(
            folder,
            [.. model.Parameters.Layout.Slots.Select(slot => new TensorToWrite(slot.Name, slot.Shape, span => model.Parameters.MasterOf(slot.Name).CopyTo(span)))],
            SafetensorsType.BF16);
    }

    private static string TokenizerConfig(ModelConfig config) => JsonSerializer.Serialize(
        new SortedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["add_prefix_space"] = false,
            ["bos_token"] = ChatMl.EndOfText,
            ["chat_template"] = ChatMl.Template,
            ["clean_up_tokenization_spaces"] = false,
            ["eos_token"] = ChatMl.End,
            ["model_max_length"] = config.MaxPositions,
            ["pad_token"] = ChatMl.EndOfText,
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
        },
        Json.Indented) + "\n";
}

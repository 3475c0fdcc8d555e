using System.Text.Json.Nodes;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>The rules that split text before BPE: their names in a GGUF and their spelling in tokenizer.json.</summary>
internal static class PreTokenizers
{
    private const string Gpt2 = "gpt-2", Smollm = "smollm", Qwen2 = "qwen2", Llama3 = "llama-bpe", Tekken = "tekken";

    /// <summary>GGUF's name of the <c>pre_tokenizer</c> of a tokenizer.json; null where it has none.</summary>
    public static string? NameOf(JsonNode? json)
    {
        var parts = json?["type"]?.ToString() == "Sequence" ? json["pretokenizers"]!.AsArray().ToList() : [json];
        return parts.Select(part => part?["type"]?.ToString()).ToArray() switch
        {
            ["ByteLevel"] => Gpt2,
            ["Digits", "ByteLevel"] => Smollm,
            ["Split", "ByteLevel"] => parts[0]!["pattern"]?["Regex"]?.ToString() switch
            {
                Llama3Splitter.PatternOfOneDigit => Qwen2,
                Llama3Splitter.PatternOfThreeDigits => Llama3,
                TekkenSplitter.Pattern => Tekken,
                _ => null,
            },
            _ => null,
        };
    }

    /// <summary>The <c>pre_tokenizer</c> of a tokenizer.json by GGUF's name; null where the name is not known.</summary>
    public static JsonNode? ToJson(GgufTokenizer tokenizer) => tokenizer.Pre switch
    {
        Gpt2 => ByteLevel(useRegex: true),
        Smollm => Sequence(new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, ByteLevel(useRegex: true)),
        Qwen2 => Sequence(Split(Llama3Splitter.PatternOfOneDigit), ByteLevel(useRegex: false)),
        Tekken => Sequence(Split(TekkenSplitter.Pattern), ByteLevel(useRegex: false)),
        _ when tokenizer.IgnoresMerges => Sequence(Split(Llama3Splitter.PatternOfThreeDigits), ByteLevel(useRegex: false)),
        _ => null,
    };

    /// <summary>Bytes as GPT-2's letters, which is also how they are decoded.</summary>
    public static JsonObject ByteLevel(bool useRegex) =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = useRegex };

    private static JsonObject Sequence(params JsonNode[] parts) => new() { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(parts) };

    private static JsonObject Split(string pattern) => new()
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = pattern },
        ["behavior"] = "Isolated",
        ["invert"] = false,
    };
}

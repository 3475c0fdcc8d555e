using System.Text.Json;

namespace ProxyReward.Models.Checkpoints;

/// <summary>The files of a Hugging Face folder that make up its tokenizer.</summary>
internal static class TokenizerFiles
{
    public const string Tokenizer = "tokenizer.json";
    public const string Settings = "tokenizer_config.json";
    public const string Template = "chat_template.jinja";

    /// <summary>The largest published vocabularies take 35 MB.</summary>
    public const long MaxBytes = 200_000_000;

    /// <summary>Every file to keep when weights change and the tokenizer does not.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Tokenizer, Settings, Template, "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt"];

    /// <summary>What <c>tokenizer_config.json</c> and <c>chat_template.jinja</c> say; all null where they are absent.</summary>
    public static (string? Eos, string? Padding, string? Unknown, string? ChatTemplate) ReadSettings(string folder)
    {
        var templatePath = Path.Combine(folder, Template);
        var template = File.Exists(templatePath) ? File.ReadAllText(templatePath) : null;
        var path = Path.Combine(folder, Settings);
        if (!File.Exists(path))
        {
            return (null, null, null, template);
        }

        using var json = JsonFile.ReadObject(path);
        return (Token("eos_token"), Token("pad_token"), Token("unk_token"), template ?? InlineTemplate());

        // Text, or an object with the text as "content".
        string? Token(string key) => !json.RootElement.TryGetProperty(key, out var token) ? null
            : token.ValueKind == JsonValueKind.String ? token.GetString()
            : token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String ? content.GetString()
            : null;

        // Text, or a list of named templates of which "default" is the one for talk.
        string? InlineTemplate() => !json.RootElement.TryGetProperty("chat_template", out var inline) ? null
            : inline.ValueKind == JsonValueKind.String ? inline.GetString()
            : inline.ValueKind == JsonValueKind.Array
                ? inline.EnumerateArray().Where(named => named.ValueKind == JsonValueKind.Object
                        && named.TryGetProperty("name", out var name) && name.ToString() == "default")
                    .Select(named => named.TryGetProperty("template", out var text) ? text.ToString() : null).FirstOrDefault()
                : null;
    }
}

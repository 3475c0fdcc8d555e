using System.Text.Json;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Models.ChatTemplates;

/// <summary>What templates need of <c>tokenizer_config.json</c> and the files beside it.</summary>
internal sealed record TokenizerConfig(
    IReadOnlyDictionary<string, string> SpecialTokens, IReadOnlyDictionary<string, (string Text, string Source)> Templates)
{
    private static readonly string[] Names = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public static TokenizerConfig Load(string folder)
    {
        var file = Path.Combine(folder, "tokenizer_config.json");
        var templates = new Dictionary<string, (string, string)>();
        var tokens = new Dictionary<string, string>();
        try
        {
            if (File.Exists(file))
            {
                using var config = JsonDocument.Parse(File.ReadAllBytes(file));
                ReadTokens(config.RootElement, tokens);
                ReadTemplates(config.RootElement, file, templates);
            }

            // Since 2025 the template lies beside the configuration, which it overrides.
            var beside = Path.Combine(folder, "chat_template.jinja");
            if (File.Exists(beside))
            {
                templates["default"] = (File.ReadAllText(beside), beside);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new RequestException($"{file}: {e.Message}. The file is damaged: {DamagedFile.Mend(file)}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{folder}: the chat template cannot be read ({e.Message}).", e);
        }

        return new TokenizerConfig(tokens, templates);
    }

    private static void ReadTokens(JsonElement config, Dictionary<string, string> tokens)
    {
        foreach (var name in Names)
        {
            // Either the token, or an object that describes it.
            if (config.TryGetProperty(name, out var token) && token.ValueKind != JsonValueKind.Null)
            {
                tokens[name] = (token.ValueKind == JsonValueKind.Object ? token.GetProperty("content") : token).GetString()!;
            }
        }
    }

    private static void ReadTemplates(JsonElement config, string file, Dictionary<string, (string, string)> templates)
    {
        if (!config.TryGetProperty("chat_template", out var template) || template.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (template.ValueKind != JsonValueKind.Array)
        {
            templates["default"] = (template.GetString()!, $"{file} (chat_template)");
            return;
        }

        foreach (var named in template.EnumerateArray())
        {
            var name = named.GetProperty("name").GetString()!;
            templates[name] = (named.GetProperty("template").GetString()!, $"{file} (chat_template '{name}')");
        }
    }
}

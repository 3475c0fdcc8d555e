using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Checkpoints.Gguf;

/// <summary>The tokenizer of a GGUF as the files of a Hugging Face folder.</summary>
internal static class TokenizerExport
{
    /// <summary>Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, the chat template within the latter.</summary>
    public static void Write(string folder, GgufTokenizer tokenizer)
    {
        Directory.CreateDirectory(folder);
        Save(Path.Combine(folder, TokenizerFiles.Tokenizer), TokenizerJson(tokenizer));
        Save(Path.Combine(folder, TokenizerFiles.Settings), new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["bos_token"] = Text(tokenizer, tokenizer.BosTokenId),
            ["eos_token"] = Text(tokenizer, tokenizer.EosTokenId),
            ["pad_token"] = Text(tokenizer, tokenizer.PaddingTokenId),
            ["unk_token"] = Text(tokenizer, tokenizer.UnknownTokenId),
            ["clean_up_tokenization_spaces"] = false,
            ["chat_template"] = tokenizer.ChatTemplate,
        });
    }

    private static JsonObject TokenizerJson(GgufTokenizer tokenizer)
    {
        var pre = PreTokenizers.ToJson(tokenizer);
        if (tokenizer.Model != "gpt2" || pre is null || tokenizer.TokenTypes.Count != tokenizer.Tokens.Count)
        {
            throw new RequestException(
                $"{tokenizer.Source}: tokenizer.ggml.model '{tokenizer.Model}' with pre '{tokenizer.Pre}' and {tokenizer.TokenTypes.Count} types for {tokenizer.Tokens.Count} tokens has no tokenizer.json; take that of the original checkpoint.");
        }

        var vocabulary = new JsonObject();
        var added = new JsonArray();
        foreach (var ((token, type), id) in tokenizer.Tokens.Zip(tokenizer.TokenTypes).Select((token, id) => (token, id)))
        {
            if (type != 5) // unused: a row of the embedding without a token
            {
                vocabulary[token] = id;
            }

            if (type is 3 or 4)
            {
                added.Add(new JsonObject
                {
                    ["id"] = id,
                    ["content"] = token,
                    ["single_word"] = false,
                    ["lstrip"] = false,
                    ["rstrip"] = false,
                    ["normalized"] = false,
                    ["special"] = type == 3,
                });
            }
        }

        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = added,
            ["normalizer"] = tokenizer.Composes ? new JsonObject { ["type"] = "NFC" } : null,
            ["pre_tokenizer"] = pre,
            ["post_processor"] = Around(tokenizer),
            ["decoder"] = PreTokenizers.ByteLevel(useRegex: true),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = tokenizer.IgnoresMerges,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. tokenizer.Merges.Select(merge => (JsonNode)merge)]),
            },
        };
    }

    private static JsonObject? Around(GgufTokenizer tokenizer)
    {
        var (bos, eos) = (tokenizer.Prefix, tokenizer.Suffix);
        if (bos is null && eos is null)
        {
            return null;
        }

        JsonArray Template(params string[] sequences)
        {
            var template = new JsonArray();
            foreach (var (sequence, type) in sequences.Select((sequence, type) => (sequence, type)))
            {
                AddSpecial(template, bos, type);
                template.Add(new JsonObject { ["Sequence"] = new JsonObject { ["id"] = sequence, ["type_id"] = type } });
                AddSpecial(template, eos, type);
            }

            return template;
        }

        void AddSpecial(JsonArray template, int? id, int type)
        {
            if (id is not null)
            {
                template.Add(new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = Text(tokenizer, id), ["type_id"] = type } });
            }
        }

        var special = new JsonObject();
        foreach (var id in new[] { bos, eos }.OfType<int>().Distinct())
        {
            var text = Text(tokenizer, id)!;
            special[text] = new JsonObject { ["id"] = text, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(text) };
        }

        return new JsonObject { ["type"] = "TemplateProcessing", ["single"] = Template("A"), ["pair"] = Template("A", "B"), ["special_tokens"] = special };
    }

    private static string? Text(GgufTokenizer tokenizer, int? id) => id is { } at && at < tokenizer.Tokens.Count ? tokenizer.Tokens[at] : null;

    private static void Save(string path, JsonObject json) => AtomicFile.Write(path, file => JsonSerializer.Serialize(file, json, Json.Indented));
}

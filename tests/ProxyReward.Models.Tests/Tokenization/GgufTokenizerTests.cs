using System.Text.Json;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Tests.Tokenization;

public sealed class GgufTokenizerTests
{
    [Fact]
    public void The_lists_of_a_GGUF_give_the_same_ids_as_tokenizer_json()
    {
        var differences = new Differences();
        foreach (var folder in TokenizerFixtures.Folders)
        {
            using var json = JsonDocument.Parse(TokenizerFixtures.Json(folder));
            if (Pre(json.RootElement) is not { } pre)
            {
                continue; // rules that no GGUF name stands for
            }

            var reference = TokenizerFixtures.Tokenizer(folder);
            var tokenizer = Tokenizer.From(Lists(reference, json.RootElement, pre));
            foreach (var line in TokenizerFixtures.Lines(folder, "cases.jsonl"))
            {
                var text = line.GetProperty("text").GetString()!;
                var name = $"{Path.GetFileName(folder)} {line.GetProperty("group")} {line.GetProperty("id")}";
                differences.Compare(name, TokenizerFixtures.Ids(line.GetProperty("ids_with_special")), tokenizer.Encode(text, addSpecialTokens: true));
                differences.Compare(name, line.GetProperty("decoded").GetString(), tokenizer.Decode(tokenizer.Encode(text)));
            }
        }

        differences.AssertNone();
    }

    [Theory]
    [InlineData("llama", "default", "tokenizer.ggml.model = 'llama'")]
    [InlineData("gpt2", "deepseek-llm", "tokenizer.ggml.pre = 'deepseek-llm'")]
    public void Other_tokenizers_are_refused_by_name(string model, string pre, string expected)
    {
        var error = Assert.Throws<RequestException>(() => Tokenizer.From(new GgufTokenizer
        {
            Source = "model.gguf",
            Model = model,
            Pre = pre,
            Tokens = ["a"],
            TokenTypes = [1],
            Merges = [],
        }));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_file_whose_lists_do_not_fit_is_refused() => Assert.Contains(
        "token_type has 1 entries for 2 tokens",
        Assert.Throws<RequestException>(() => Tokenizer.From(new GgufTokenizer
        {
            Source = "model.gguf",
            Model = "gpt2",
            Pre = "gpt-2",
            Tokens = ["a", "b"],
            TokenTypes = [1],
            Merges = [],
        })).Message);

    /// <summary>llama.cpp's name for the splitting rules, found by their tell-tale parts.</summary>
    private static string? Pre(JsonElement json)
    {
        var rules = json.GetProperty("pre_tokenizer").GetRawText();
        return !rules.Contains("ByteLevel") ? null : rules.Contains(@"\\p{Lu}") ? "tekken" : rules.Contains("{1,3}") ? "llama-bpe" : rules.Contains("Digits") ? "smollm" : rules.Contains("Split") ? "qwen2" : null;
    }

    private static GgufTokenizer Lists(Tokenizer reference, JsonElement json, string pre)
    {
        var kinds = reference.AddedTokens.ToDictionary(token => token.Id, token => token.Special ? 3 : 4);
        var ids = Enumerable.Range(0, reference.VocabSize);
        return new GgufTokenizer
        {
            Source = "model.gguf",
            Model = "gpt2",
            Pre = pre,
            Tokens = [.. ids.Select(id => reference.IdToToken(id)!)],
            TokenTypes = [.. ids.Select(id => kinds.GetValueOrDefault(id, 1))],
            Merges = [.. json.GetProperty("model").GetProperty("merges").EnumerateArray()
                .Select(merge => merge.ValueKind == JsonValueKind.String ? merge.GetString()! : $"{merge[0]} {merge[1]}")],
            BosTokenId = reference.TokenToId("<|begin_of_text|>") ?? reference.TokenToId("<s>"),
        };
    }
}

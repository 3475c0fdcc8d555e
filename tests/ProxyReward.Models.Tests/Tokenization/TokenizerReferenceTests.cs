using System.Text.Json;
using ProxyReward.Models.Tokenization;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Tokenization;

public sealed class TokenizerReferenceTests
{
    [Fact]
    public void Ids_and_texts_equal_those_of_Hugging_Face()
    {
        var differences = new Differences();
        foreach (var folder in TokenizerFixtures.Folders)
        {
            var tokenizer = TokenizerFixtures.Tokenizer(folder);
            foreach (var line in TokenizerFixtures.Lines(folder, "cases.jsonl"))
            {
                var name = $"{Path.GetFileName(folder)} {line.GetProperty("group")} {line.GetProperty("id")}";
                var text = line.GetProperty("text").GetString()!;
                var ids = TokenizerFixtures.Ids(line.GetProperty("ids"));
                var asText = line.TryGetProperty("ids_special_as_text", out var plain) ? TokenizerFixtures.Ids(plain) : ids;
                differences.Compare(name, ids, tokenizer.Encode(text));
                differences.Compare(name + " with special tokens", TokenizerFixtures.Ids(line.GetProperty("ids_with_special")), tokenizer.Encode(text, addSpecialTokens: true));
                differences.Compare(name + " with special tokens as text", asText, tokenizer.Encode(text, specialTokensAsText: true));
                differences.Compare(name + " decoded", line.GetProperty("decoded").GetString(), tokenizer.Decode(ids));
                differences.Compare(name + " decoded without special tokens", line.GetProperty("decoded_skip_special").GetString(), tokenizer.Decode(ids, skipSpecial: true));
            }
        }

        differences.AssertNone();
    }

    [Fact]
    public void A_stream_gives_out_complete_characters_only_and_holds_back_nothing_that_is_complete()
    {
        var differences = new Differences();
        foreach (var folder in TokenizerFixtures.Folders)
        {
            var tokenizer = TokenizerFixtures.Tokenizer(folder);
            foreach (var line in TokenizerFixtures.Lines(folder, "stream.jsonl"))
            {
                var name = $"{Path.GetFileName(folder)} {line.GetProperty("group")} {line.GetProperty("id")}";
                var ids = TokenizerFixtures.Ids(line.GetProperty("ids"));
                var skip = line.GetProperty("skip_special").GetBoolean();
                var stream = tokenizer.Stream(skip);
                differences.Compare(name, Join(line.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()!)), Join(ids.Select(stream.Push)));
                differences.Compare(name + " flush", line.GetProperty("flush").GetString(), stream.Flush());
                differences.Compare(name + " full", line.GetProperty("full").GetString(), tokenizer.Decode(ids, skip));
                differences.Compare(name + " bytes", Join(line.GetProperty("bytes_hex").EnumerateArray().Select(hex => hex.GetString()!)), Join(ids.Select(id => Convert.ToHexStringLower(tokenizer.Bytes(id)))));
            }
        }

        differences.AssertNone();

        static string Join(IEnumerable<string> pieces) => string.Join('|', pieces);
    }

    [Fact]
    public void A_lone_surrogate_is_read_as_the_replacement_character()
    {
        FixtureRoot.Require("tokenizers"); // the sets that ship have no such cases
        var differences = new Differences();
        foreach (var folder in TokenizerFixtures.Folders)
        {
            var tokenizer = TokenizerFixtures.Tokenizer(folder);
            foreach (var line in TokenizerFixtures.Lines(folder, "invalid-utf16.jsonl"))
            {
                var text = new string([.. line.GetProperty("utf16").EnumerateArray().Select(unit => (char)unit.GetInt32())]);
                differences.Compare($"{Path.GetFileName(folder)} {line.GetProperty("id")}", TokenizerFixtures.Ids(line.GetProperty("ids")), tokenizer.Encode(text));
            }
        }

        differences.AssertNone();
    }

    [Fact]
    public void Rendered_chats_encode_to_the_ids_of_apply_chat_template()
    {
        FixtureRoot.Require("tokenizers"); // the sets that ship have no such cases
        var differences = new Differences();
        foreach (var folder in TokenizerFixtures.Folders)
        {
            var tokenizer = TokenizerFixtures.Tokenizer(folder);
            foreach (var line in TokenizerFixtures.Lines(folder, "chat.jsonl"))
            {
                if (line.TryGetProperty("rendered", out var rendered) && rendered.ValueKind == JsonValueKind.String)
                {
                    differences.Compare($"{Path.GetFileName(folder)} {line.GetProperty("name")}", TokenizerFixtures.Ids(line.GetProperty("ids")), tokenizer.Encode(rendered.GetString()!));
                }
            }
        }

        differences.AssertNone();
    }
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Tests.Tokenization;

public sealed class BrokenTokenizerTests
{
    private static readonly byte[] Sound = BpeTrainer.Train(["the cat sat on the mat, the rat on the cat"], ["<|a|>", "<|b|>"], 266).ToJson();

    [Fact]
    public void The_file_that_is_broken_below_is_sound() => Assert.Equal(266, Tokenizer.Parse(Sound, "sound.json").VocabSize);

    [Theory]
    [InlineData("model.merges.0", "\"t xyz\"", "merge 0 ('t xyz') needs the token 'xyz'")]
    [InlineData("model.merges.1", "\"th\"", "merge 1 ('th ') is not two tokens")]
    [InlineData("model.merges.1", "[\"t\", \"\"]", "merge 1 ('t ') has an empty side")]
    [InlineData("model.merges.1", "[\"t\", \"h\", \"e\"]", "more than two tokens")]
    [InlineData("model.merges", "{}", "no array model.merges")]
    [InlineData("model.merges", "[\"a t\", \"a t\"]", "merge 1 ('a t') repeats an earlier one")]
    [InlineData("model.vocab", "[]", "an object is wanted")]
    [InlineData("model.vocab.at", "-1", "id -1")]
    [InlineData("model.vocab.at", "2000000000", "id 2000000000 is out of proportion")]
    [InlineData("model.vocab.at", "99999999999999", "near byte")]
    [InlineData("model.vocab.at", "7", "share the id 7")]
    [InlineData("model.vocab.at", "\"7\"", "near byte")]
    [InlineData("model.type", "\"Unigram\"", "model.type \"Unigram\" is not supported")]
    [InlineData("model.unk_id", "0", "model.unk_id 0 is not supported")]
    [InlineData("model.dropout", "0.1", "model.dropout 0.1 is not supported")]
    [InlineData("model.byte_fallback", "true", "decoder {\"type\":\"ByteLevel\"")]
    [InlineData("model.ignore_merges", "1", "model.ignore_merges is Number, not true or false")]
    [InlineData("model.unk_token", "\"<unk>\"", "unk_token '<unk>' is not in the vocabulary")]
    [InlineData("model.invented", "1", "the key 'invented' is not supported")]
    [InlineData("pre_tokenizer", "null", "a missing pre_tokenizer")]
    [InlineData("pre_tokenizer.type", "\"Metaspace\"", "Metaspace")]
    [InlineData("pre_tokenizer.add_prefix_space", "true", "pre_tokenizer.add_prefix_space true is not supported")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated", "invert": false}""", "pre_tokenizer.pattern.Regex \"(a+)+$\" is not supported")]
    [InlineData("normalizer", """{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]}""", "normalizer.normalizers[1] {\"type\":\"Lowercase\"} is not supported")]
    [InlineData("post_processor", """{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}], "special_tokens": {}}""", "post_processor.special_tokens.x is missing")]
    [InlineData("post_processor", """{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}], "special_tokens": {"x": {"ids": [999]}}}""", "token 999")]
    [InlineData("decoder", "null", "decoder")]
    [InlineData("added_tokens.1.id", "0", "share the id 0")]
    [InlineData("added_tokens.1.content", "\"<|a|>\"", "share the id 1")]
    [InlineData("added_tokens", "[{\"id\": 300, \"content\": \"\"}]", "is empty or repeated")]
    [InlineData("added_tokens", "[{\"id\": 300, \"content\": \"at\"}]", "has the id 258 in the vocabulary and 300 among the added tokens")]
    [InlineData("added_tokens.1.id", "\"x\"", "added_tokens[1].id is String, not an integer")]
    public void What_is_wrong_is_named_with_its_place(string path, string value, string expected)
    {
        var error = Assert.Throws<RequestException>(() => Tokenizer.Parse(Encoding.UTF8.GetBytes(EditedJson.With(Sound, path, value)), "broken.json"));
        Assert.StartsWith("broken.json: ", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"version\"")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"model\": {\"vocab\": {\"a\": 0, \"a\": 1}, \"merges\": []}}")]
    [InlineData("{\"model\": {\"vocab\": {\"\\ud800\": 0}, \"merges\": []}}")]
    public void What_is_no_tokenizer_is_refused(string json)
    {
        var error = Assert.Throws<RequestException>(() => Tokenizer.Parse(Encoding.UTF8.GetBytes(json), "broken.json"));
        Assert.StartsWith("broken.json: ", error.Message);
    }

    [Fact]
    public void A_file_that_is_absent_is_named()
    {
        var error = Assert.Throws<RequestException>(() => Tokenizer.Load(Path.Combine(Path.GetTempPath(), "nowhere")));
        Assert.Contains("nowhere", error.Message);
    }

    [Fact]
    public void A_damaged_file_gives_a_tokenizer_or_a_RequestException_and_nothing_else()
    {
        var draws = Draws.Of(1, "damage");
        var refused = 0;
        const int Files = 3000;
        for (var file = 0; file < Files; file++)
        {
            var damaged = Damage(Sound, draws);
            try
            {
                var tokenizer = Tokenizer.Parse(damaged, "damaged.json");
                _ = tokenizer.Decode(tokenizer.Encode("the cat <|a|> sät on <|b|>", addSpecialTokens: true));
            }
            catch (RequestException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, Files / 2, Files);
    }

    [Fact]
    public void Merges_that_lead_round_in_circles_come_to_an_end()
    {
        // Every token is made of others in several ways, and "aba" of tokens that it is itself a part of.
        var file = JsonNode.Parse(Sound)!;
        var vocabulary = file["model"]!["vocab"]!.AsObject();
        foreach (var (token, i) in new[] { "ab", "ba", "aba", "bab", "abab" }.Where(token => !vocabulary.ContainsKey(token)).Select((token, i) => (token, i)))
        {
            vocabulary[token] = 266 + i;
        }

        file["model"]!["merges"] = JsonNode.Parse("""["a b", "b a", "ab a", "a ba", "b ab", "ba b", "aba b", "a bab", "ab ab"]""");
        var tokenizer = Tokenizer.Parse(Encoding.UTF8.GetBytes(file.ToJsonString(EditedJson.Options)), "circles.json");
        var text = string.Concat(Enumerable.Repeat("ab", 5000));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void Every_truncated_file_is_refused()
    {
        for (var length = 0; length < Sound.TrimEnd((byte)'\n').Length; length += 7)
        {
            Assert.Throws<RequestException>(() => Tokenizer.Parse(Sound.AsSpan(0, length), "truncated.json"));
        }
    }


    private static byte[] Damage(byte[] sound, Draws draws)
    {
        var bytes = sound.ToList();
        for (var times = 1 + draws.Below(3); times > 0; times--)
        {
            var at = draws.Below(bytes.Count);
            var length = Math.Min(draws.Below(60), bytes.Count - at);
            switch (draws.Below(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << draws.Below(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(draws.Below(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.InsertRange(at, draws.Pick(["99999999"u8.ToArray(), "["u8.ToArray(), "null"u8.ToArray(), "\\ud800"u8.ToArray(), "-"u8.ToArray()]));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    return [.. bytes, .. "\"]}}"u8];
            }
        }

        return [.. bytes];
    }
}

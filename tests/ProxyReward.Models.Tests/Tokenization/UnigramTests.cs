using System.Text;
using System.Text.Json.Nodes;
using ProxyReward.Models.Tests.Encoders;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Tests.Tokenization;

public sealed class UnigramTests
{
    // ▁a ▁ab b c: enough for ties, unknown neighbours and special tokens.
    private const string Small = """
        {"version": "1.0", "added_tokens": [{"id": 0, "content": "[CLS]", "special": true}, {"id": 1, "content": "[UNK]", "special": true}],
         "normalizer": null, "post_processor": null,
         "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
         "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
         "model": {"type": "Unigram", "unk_id": 1, "byte_fallback": false, "vocab": [["[CLS]", 0.0], ["[UNK]", 0.0], ["▁", -2.0],
                   ["a", -3.0], ["b", -3.0], ["▁a", -2.5], ["ab", -6.0], ["aab", -5.0], ["[", -4.0], ["]", -4.0], ["C", -4.0], ["L", -4.0], ["S", -4.0]]}}
        """;

    [Fact]
    public void Ids_and_texts_equal_those_of_Hugging_Face()
    {
        var differences = new Differences();
        foreach (var folder in EncoderFixtures.Tokenizers)
        {
            var tokenizer = Tokenizer.Load(folder);
            foreach (var line in TokenizerFixtures.Lines(folder, "cases.jsonl"))
            {
                var text = line.GetProperty("text").GetString()!;
                var ids = TokenizerFixtures.Ids(line.GetProperty("ids"));
                var decoded = line.GetProperty("decoded").GetString()!;
                differences.Compare($"ids of '{text}'", ids, tokenizer.Encode(text));
                differences.Compare($"text of '{text}'", decoded, tokenizer.Decode(ids, skipSpecial: true));
                var stream = tokenizer.Stream(skipSpecial: true);
                differences.Compare($"stream of '{text}'", decoded, string.Concat(ids.Select(stream.Push)) + stream.Flush());
            }
        }

        differences.AssertNone();
    }

    // Scores by hand. "aab" after ▁: ▁ + aab = -2-5 = -7; ▁a + ab = -2.5-6 = -8.5; ▁a + a + b = -8.5. So the first.
    // "ab": ▁a + b = -5.5; ▁ + ab = -8. "ba": no ▁b, so ▁ + b + a = -8.
    [Theory]
    [InlineData("aab", "▁ aab")]
    [InlineData("ab", "▁a b")]
    [InlineData("ba", "▁ b a")]
    [InlineData("a  b", "▁a ▁ ▁ b")]
    [InlineData("xyzb", "▁ [UNK] b")]
    [InlineData("x y", "▁ [UNK] ▁ [UNK]")]
    [InlineData("", "")]
    public void The_cut_with_the_best_sum_of_scores_wins(string text, string expected)
    {
        var tokenizer = Parse(Small);
        Assert.Equal(expected, string.Join(' ', tokenizer.Encode(text).Select(id => tokenizer.IdToToken(id))));
    }

    [Theory]
    [InlineData("[CLS]", false, "[CLS]")]
    [InlineData("[CLS]", true, "▁ [ C L S ]")]
    [InlineData("a[UNK]b", true, "▁a [ [UNK] ] b")]
    public void A_special_token_in_a_text_from_strangers_is_read_as_text(string text, bool asText, string expected)
    {
        var tokenizer = Parse(Small);
        var tokens = string.Join(' ', tokenizer.Encode(text, specialTokensAsText: asText).Select(id => tokenizer.IdToToken(id)));
        Assert.Equal(expected, tokens);
    }

    [Fact]
    public void A_special_token_that_only_normalisation_spells_out_is_text_too()
    {
        var json = JsonNode.Parse(Small)!;
        json["normalizer"] = JsonNode.Parse("""{"type": "NFKC"}""");
        var tokenizer = Parse(json.ToJsonString());
        Assert.Equal(tokenizer.Encode("[CLS]", specialTokensAsText: true), tokenizer.Encode("［ＣＬＳ］"));
    }

    [Fact]
    public void A_long_text_without_a_space_is_cut_in_linear_time_and_space()
    {
        var tokenizer = Parse(Small);
        Assert.Equal(300_001, tokenizer.Encode(new string('b', 300_000)).Count);
        Assert.Equal(2, tokenizer.Encode(new string('x', 300_000)).Count);
    }

    [Theory]
    [InlineData("model.vocab.3", "[\"a\", \"x\"]", "near byte")]
    [InlineData("model.vocab.3", "[\"a\"]", "near byte")]
    [InlineData("model.vocab.3", "[\"a\", -1, 2]", "entry 3 of model.vocab ('a') has more than a text and its score")]
    [InlineData("model.vocab.3", "\"a\"", "entry 3 of model.vocab must be a text and its score")]
    [InlineData("model.vocab.3", "[null, -1]", "entry 3 of model.vocab has no text")]
    [InlineData("model.vocab.3", "[\"\", -1]", "entry 3 of model.vocab is 0 characters long")]
    [InlineData("model.vocab.3", "[\"b\", -1]", "model.vocab has the token 'b' twice")]
    [InlineData("model.vocab", "[]", "model.vocab is empty")]
    [InlineData("model.vocab", "{\"a\": 0}", "no array model.merges")]
    [InlineData("model.type", "\"WordPiece\"", "model.type \"WordPiece\" is not supported")]
    [InlineData("model.unk_id", "null", "a missing model.unk_id")]
    [InlineData("model.unk_id", "99", "model.unk_id 99 is not supported")]
    [InlineData("model.unk_id", "\"x\"", "model.unk_id is String, not an integer")]
    [InlineData("model.byte_fallback", "true", "model.byte_fallback true is not supported")]
    [InlineData("model.dropout", "0.1", "model.dropout 0.1 is not supported")]
    [InlineData("pre_tokenizer", "null", "a missing pre_tokenizer")]
    [InlineData("pre_tokenizer.prepend_scheme", "\"first\"", "decoder {\"type\":\"Metaspace\"")] // the decoder still says always
    [InlineData("pre_tokenizer.replacement", "\"__\"", "pre_tokenizer.replacement \"__\" is not supported")]
    [InlineData("pre_tokenizer.type", "\"ByteLevel\"", "ByteLevel")]
    [InlineData("decoder", "null", "a missing decoder")]
    [InlineData("decoder.prepend_scheme", "\"never\"", "decoder")]
    [InlineData("normalizer", """{"type": "Precompiled", "precompiled_charsmap": "!"}""", "normalizer.precompiled_charsmap")]
    [InlineData("normalizer", """{"type": "Precompiled", "precompiled_charsmap": "/////w=="}""", "cannot hold a trie of 4294967295")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": ""}""", "(a+)+$")]
    [InlineData("post_processor", """{"type": "TemplateProcessing", "single": [], "pair": [{"Sequence": {"id": "A"}}], "special_tokens": {}}""", "post_processor.pair")]
    [InlineData("post_processor", """{"type": "TemplateProcessing", "single": [], "pair": [{"Sequence": {"id": "C"}}], "special_tokens": {}}""", "post_processor.pair[0]")]
    [InlineData("post_processor", """{"type": "RobertaProcessing", "sep": ["</s>"], "cls": ["<s>", 0]}""", "post_processor.sep")]
    [InlineData("post_processor", """{"type": "RobertaProcessing", "sep": ["</s>", 99], "cls": ["<s>", 0]}""", "token 99")]
    public void What_is_wrong_is_named_with_its_place(string path, string value, string expected)
    {
        var error = Assert.Throws<RequestException>(() => Parse(EditedJson.With(Encoding.UTF8.GetBytes(Small), path, value)));
        Assert.StartsWith("small.json: ", error.Message);
        Assert.Contains(expected, error.Message);
    }

    private static Tokenizer Parse(string json) => Tokenizer.Parse(Encoding.UTF8.GetBytes(json), "small.json");
}

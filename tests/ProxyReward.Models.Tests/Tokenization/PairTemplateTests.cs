using System.Text.Json.Nodes;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Tests.Tokenization;

public sealed class PairTemplateTests
{
    private static readonly byte[] Sound = BpeTrainer.Train(["a b"], ["<s>", "</s>", "[CLS]", "[SEP]"], 260).ToJson();

    [Fact]
    public void RobertaProcessing_puts_two_end_tokens_between_two_texts()
    {
        var tokenizer = With("""{"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0], "trim_offsets": true, "add_prefix_space": false}""");
        var pair = tokenizer.Pair!.Join([10, 11], [12]);
        Assert.Equal([0, 10, 11, 1, 1, 12, 1], pair.Ids);
        Assert.All(pair.Types, type => Assert.Equal(0, type));
        Assert.Equal(4, tokenizer.Pair.Overhead);
        Assert.Equal([0, .. tokenizer.Encode("ab"), 1], tokenizer.Encode("ab", addSpecialTokens: true));
    }

    [Fact]
    public void TemplateProcessing_puts_what_it_says_and_gives_the_second_text_its_type()
    {
        var tokenizer = With("""
            {"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
             "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
                      {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
             "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2]}, "[SEP]": {"id": "[SEP]", "ids": [3]}}}]}
            """);
        var pair = tokenizer.Pair!.Join([10, 11], [12]);
        Assert.Equal([2, 10, 11, 3, 12, 3], pair.Ids);
        Assert.Equal([0, 0, 0, 0, 1, 1], pair.Types);
        Assert.Equal(3, tokenizer.Pair.Overhead);
        Assert.Equal([2, 3], tokenizer.Encode("", addSpecialTokens: true));
    }

    [Fact]
    public void A_file_that_does_not_say_it_has_no_template() => Assert.Null(Tokenizer.Parse(Sound, "here").Pair);

    private static Tokenizer With(string postProcessor)
    {
        var json = JsonNode.Parse(Sound)!;
        json["post_processor"] = JsonNode.Parse(postProcessor);
        return Tokenizer.Parse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), "here");
    }
}

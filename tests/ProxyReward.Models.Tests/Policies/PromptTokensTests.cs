using System.Text;
using System.Text.Json.Nodes;
using ProxyReward.Models.ChatTemplates;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Tests.Tokenization;
using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Tests.Policies;

/// <summary>With a tokenizer that has special tokens and, as Qwen3's, added ones that are not special.</summary>
public sealed class PromptTokensTests
{
    private const string Plain = "{% for m in messages %}<|start|>{{ m.content }}<|end|>{% endfor %}";
    private static readonly Tokenizer Tokenizer = Small();
    private static readonly int End = Tokenizer.TokenToId("<|end|>")!.Value;

    [Fact]
    public void A_template_sees_added_tokens_that_are_not_special() => Assert.Equal(
        "<|start|> the answer.<|end|>",
        Text("{% set c = messages[0].content %}<|start|>{% if '</think>' in c %}{{ c.split('</think>')[1] }}{% else %}lost{% endif %}<|end|>", "<think>no</think> the answer."));

    [Fact]
    public void They_are_tokens_in_a_text_as_in_transformers() =>
        Assert.Contains(Tokenizer.TokenToId("<think>")!.Value, Tokens(Plain, "a<think>b"));

    [Fact]
    public void A_special_token_in_a_text_stays_text()
    {
        var tokens = Tokens(Plain, "a<|end|><|start|>b", "c");
        Assert.Equal("<|start|>a<|end|><|start|>b<|end|><|start|>c<|end|>", Tokenizer.Decode(tokens));
        Assert.Equal(2, tokens.Count(id => id == End)); // one for each turn
    }

    [Fact]
    public void Around_it_the_ids_are_those_of_the_text_as_a_whole()
    {
        const string Content = "the <|end|> cat  <|start|>\n sat";
        var template = "{{ messages[0].content }}";
        Assert.Equal(Tokenizer.Encode(Content, specialTokensAsText: true), Tokens(template, Content));
    }

    [Theory]
    [InlineData("{{ messages[0].content | trim }}", "the cat<|end|>")]
    [InlineData("{{ messages[0].content | length }}", "17")]
    [InlineData("{{ messages[0].content.split('cat')[1] }}", "<|end|> ")]
    [InlineData("{{ 'the' in messages[0].content }}", "True")]
    [InlineData("{{ messages[0].content[:7] }}", "  the c")]
    [InlineData("{{ messages[0].content.startswith('  the') }}", "True")]
    [InlineData("{{ messages[0].content | upper }}", "  THE CAT<|END|> ")]
    public void A_template_works_on_the_rest_of_a_text_that_spells_one(string template, string expected) =>
        Assert.Equal(expected, Text(template, "  the cat<|end|>  "[..^1]));

    [Theory]
    [InlineData("\uF8EF<|end|>\uF8EE")] // characters that would have stood in
    [InlineData("<|end<|end|><|end|")]
    [InlineData("<|end|")]
    [InlineData("")]
    [InlineData("\uE000\uF8EF")]
    public void Every_text_comes_through_as_it_is(string content)
    {
        var tokens = Tokens(Plain, content);
        Assert.Equal($"<|start|>{content}<|end|>", Tokenizer.Decode(tokens));
        Assert.Equal(1, tokens.Count(id => id == End));
    }

    private static IReadOnlyList<int> Tokens(string template, params string[] contents) => PromptTokens.Of(
        Tokenizer, turns => ChatTemplate.Parse(template).Render(turns, addGenerationPrompt: false), [.. contents.Select(content => new ChatTurn("user", content))]);

    private static string Text(string template, string content) => Tokenizer.Decode(Tokens(template, content));

    private static Tokenizer Small()
    {
        var json = JsonNode.Parse(BpeTrainer.Train(["the cat sat on the mat, the rat on the cat"], ["<|start|>", "<|end|>"], 266).ToJson())!;
        foreach (var (content, i) in new[] { "<think>", "</think>" }.Select((content, i) => (content, i)))
        {
            json["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 266 + i, ["content"] = content, ["special"] = false });
        }

        return Tokenizer.Parse(Encoding.UTF8.GetBytes(json.ToJsonString(EditedJson.Options)), "small.json");
    }
}

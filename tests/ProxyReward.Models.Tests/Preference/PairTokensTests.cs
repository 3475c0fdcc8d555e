using System.Text.Json.Nodes;
using ProxyReward.Models.Policies;
using ProxyReward.Models.Preference;
using ProxyReward.Questions;
using ProxyReward.Testing;
using ProxyReward.Training;
using TorchSharp;

namespace ProxyReward.Models.Tests.Preference;

/// <summary>With the tokenizer and the ChatML template of a pocket model.</summary>
public sealed class PairTokensTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly LocalModel model;

    public PairTokensTests()
    {
        foreach (var file in Directory.EnumerateFiles(Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "data", "pocket")).Order(StringComparer.Ordinal).First()))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        model = Open();
    }

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_conversation_is_split_where_the_template_opens_the_answer()
    {
        var chat = new ChatExample("p:1", [new("system", "S"), new("user", "A"), new("assistant", "B"), new("user", "C")], [new("assistant", "plus")], [new("assistant", "minus")]);
        var pair = Assert.Single(Tokens(chat).Pairs);
        Assert.Equal("<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nA<|im_end|>\n<|im_start|>assistant\nB<|im_end|>\n<|im_start|>user\nC<|im_end|>\n<|im_start|>assistant\n", Text(pair.Prompt));
        Assert.Equal("plus<|im_end|>\n", Text(pair.Chosen));
        Assert.Equal("minus<|im_end|>\n", Text(pair.Rejected));
    }

    [Fact]
    public void A_single_turn_has_the_prompt_that_the_model_is_asked_with() =>
        Assert.Equal(model.Prompt("Who?"), Assert.Single(Tokens(new ChatExample("p:1", [new("user", "Who?")], [new("assistant", "I")], [new("assistant", "you")])).Pairs).Prompt);

    [Fact]
    public void Special_tokens_in_a_message_stay_text()
    {
        var pair = Assert.Single(Tokens(new ChatExample("p:1", [new("user", "a<|im_end|>b"), new("assistant", "c"), new("user", "d")], [new("assistant", "<|im_start|>")], [new("assistant", "e")])).Pairs);
        Assert.Equal(3, pair.Prompt.Count(id => id == model.EndToken)); // one for each message of the prompt
        Assert.Equal("<|im_start|><|im_end|>\n", Text(pair.Chosen));
        Assert.True(pair.Chosen.Count > 3);
    }

    [Theory]
    [InlineData("The sky is", " blue.", " green.")]
    [InlineData("The sky is", " blue.<|im_end|>", " green.<|im_end|>")] // never twice
    public void A_plain_text_ends_with_one_end_token(string prompt, string chosen, string rejected)
    {
        var pair = Assert.Single(Tokens(new TextExample("p:1", prompt, chosen, rejected)).Pairs);
        Assert.Equal(("The sky is", " blue.<|im_end|>", " green.<|im_end|>"), (Text(pair.Prompt), Text(pair.Chosen), Text(pair.Rejected)));
    }

    [Fact]
    public void A_plain_text_needs_no_chat_template()
    {
        var settings = JsonNode.Parse(File.ReadAllText(folder["tokenizer_config.json"]))!.AsObject();
        settings.Remove("chat_template");
        File.WriteAllText(folder["tokenizer_config.json"], settings.ToJsonString());
        using var bare = Open();
        Assert.Single(new PairTokens(bare, [new TextExample("p:1", "a", " b", " c")], new()).Pairs);
        var error = Assert.Throws<RequestException>(() => new PairTokens(bare, [new ChatExample("p:1", [new("user", "a")], [new("assistant", "b")], [new("assistant", "c")])], new()));
        Assert.Contains("p:1: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("has no chat template", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_trained_on_is_counted_by_its_reason()
    {
        var options = new DpoOptions { MaxLength = 12 };
        var tokens = new PairTokens(
            model,
            [
                new TextExample("p:1", "The sky is", " blue.", " green."),
                new TextExample("p:2", "The sky is", " blue.", " blue."),
                new TextExample("p:3", "The sky is", " blue.", " blue."),
                new TextExample("p:4", "The tow", "n is blue.", "n is green."),
                new TextExample("p:5", "The sky is", " blue.", string.Concat(Enumerable.Repeat(" green", 20))),
            ],
            options);
        Assert.Single(tokens.Pairs);
        Assert.Equal(
            [("same_answers", 2, "p:2"), ("prompt_boundary", 1, "p:4"), ("too_long", 1, "p:5")],
            tokens.Drops.Select(drop => (drop.Reason, drop.Pairs, drop.First)));
        Assert.All(tokens.Drops, drop => Assert.NotEmpty(drop.Detail));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public void An_answer_without_text_is_counted_although_it_has_tokens(string blank)
    {
        TrainingExample[] examples =
        [
            new ChatExample("p:1", [new("user", "a")], [new("assistant", blank)], [new("assistant", "b")]),
            new ChatExample("p:2", [new("user", "a")], [new("assistant", "b")], [new("assistant", blank)]),
            new TextExample("p:3", "a", blank, " b"),
        ];
        var tokens = new PairTokens(model, examples, new());
        Assert.Empty(tokens.Pairs);
        var drop = Assert.Single(tokens.Drops);
        Assert.Equal(("empty_answer", 3, "p:1"), (drop.Reason, drop.Pairs, drop.First));
    }

    [Fact]
    public void A_policy_that_ended_at_once_is_trained_on_its_tokens()
    {
        var question = new MetaQuestion("q", "place", "a?", []);
        var pair = new TrainingPair(question, new("q", 0, "b", [5, model.EndToken], 1, false, "b"), new("q", 1, "", [model.EndToken], 0, false, ""));
        Assert.Equal([model.EndToken], Assert.Single(Tokens(pair).Pairs).Rejected);
    }

    [Fact]
    public void A_prompt_that_nobody_wrote_ends_where_the_tokens_of_both_texts_part()
    {
        // Cut inside "town" the tokens of the prompt are not those that both texts begin with.
        var text = new TextExample("p:1", "The tow", "n is blue.", "n is green.");
        Assert.Equal("prompt_boundary", Assert.Single(Tokens(text).Drops).Reason);
        var pair = Assert.Single(Tokens(text with { PromptIsCommonPart = true }).Pairs);
        Assert.Equal(("The town is blue.<|im_end|>", "The town is green.<|im_end|>"), (Text([.. pair.Prompt, .. pair.Chosen]), Text([.. pair.Prompt, .. pair.Rejected])));
        Assert.Equal("The", Text(pair.Prompt));
    }

    [Fact]
    public void What_is_too_long_although_answers_are_cut_is_told_no_way_that_it_went_already()
    {
        var options = new DpoOptions { MaxLength = 8, Truncation = Truncation.KeepStart };
        string Detail(string prompt, string chosen, string rejected) => Assert.Single(new PairTokens(model, [new TextExample("p:1", prompt, chosen, rejected)], options).Drops).Detail;
        var same = string.Concat(Enumerable.Repeat(" green", 20));
        Assert.Matches("^a prompt of \\d+ tokens leaves no room in dpo.max_length 8. Raise it, or shorten the prompt.$", Detail(same, " blue.", " red."));
        Assert.Equal("cut to dpo.max_length 8, chosen and rejected are the same. Raise it, or shorten the prompt.", Detail("The sky is", same + " blue", same + " red"));
    }

    [Fact]
    public void A_template_that_writes_the_prompt_otherwise_when_it_is_answered_drops_the_pair()
    {
        File.WriteAllText(folder["chat_template.jinja"], "{% for m in messages %}{{ m.role }}{% if loop.last %}!{% endif %}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}");
        using var other = Open();
        var drop = Assert.Single(new PairTokens(other, [new ChatExample("p:1", [new("user", "a")], [new("assistant", "b")], [new("assistant", "c")])], new()).Drops);
        Assert.Equal(("prompt_boundary", "p:1"), (drop.Reason, drop.First));
    }

    private PairTokens Tokens(TrainingExample example) => new(model, [example], new());

    private LocalModel Open() => LocalModel.Open(folder.Path, torch.ScalarType.Float32);

    private string Text(IReadOnlyList<int> tokens) => model.Tokenizer.Decode(tokens);
}

using ProxyReward.Models.Tokenization;

namespace ProxyReward.Models.Tests.Tokenization;

public sealed class TokenizerTests
{
    private static readonly Tokenizer Small = Tokenizer.Parse(
        BpeTrainer.Train(["low low lower lowest", "new newer newest"], ["<|end|>"], 280).ToJson(), "small");

    [Fact]
    public void A_long_run_of_one_character_merges_into_the_longest_token_there_is()
    {
        // a·a, then aa·aa, then aaaa·aaaa; the most letters a token of this vocabulary has is 8.
        var tokenizer = Tokenizer.Parse(BpeTrainer.Train(Enumerable.Repeat("aaaaaaaa", 9), [], 259).ToJson(), "runs");

        var ids = tokenizer.Encode(new string('a', 1_000_005));

        Assert.Equal(125_000 + 2, ids.Count);
        Assert.Equal(["aaaaaaaa", "aaaa", "a"], ids.Distinct().Select(tokenizer.IdToToken));
    }

    [Fact]
    public void Many_threads_read_one_tokenizer()
    {
        var texts = Enumerable.Range(0, 2000).Select(i => $"low{i % 97} newest lower{i} <|end|>").ToList();
        var expected = texts.Select(text => string.Join(' ', Small.Encode(text))).ToList();
        var fresh = Tokenizer.Parse(BpeTrainer.Train(["low low lower lowest", "new newer newest"], ["<|end|>"], 280).ToJson(), "small");

        var actual = texts.AsParallel().AsOrdered().Select(text => string.Join(' ', fresh.Encode(text))).ToList();

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Ids_that_no_token_has_decode_to_nothing()
    {
        var ids = Small.Encode("low");
        Assert.Equal("low", Small.Decode([-1, .. ids, 5_000_000, int.MaxValue]));
        Assert.Null(Small.IdToToken(Small.VocabSize));
        Assert.True(Small.Bytes(Small.VocabSize).IsEmpty);
        Assert.Equal("", Small.Stream().Push(int.MaxValue));
    }

    [Fact]
    public void Special_tokens_in_the_text_of_strangers_can_be_read_as_text()
    {
        Assert.Equal([0], Small.Encode("<|end|>"));
        var asText = Small.Encode("<|end|>", specialTokensAsText: true);
        Assert.DoesNotContain(0, asText);
        Assert.Equal("<|end|>", Small.Decode(asText, skipSpecial: true));
        Assert.Equal("", Small.Decode([0], skipSpecial: true));
    }

    [Fact]
    public void Tokens_are_looked_up_both_ways()
    {
        Assert.Equal(0, Small.TokenToId("<|end|>"));
        Assert.True(Small.IsSpecial(0));
        Assert.Equal("Ġ", Small.IdToToken(Small.TokenToId("Ġ")!.Value));
        Assert.Null(Small.TokenToId("no such token"));
    }
}

using ProxyReward.Clients.Asking;

namespace ProxyReward.Clients.Tests.Asking;

public sealed class ReplyJsonTests
{
    internal sealed record Reply(IReadOnlyList<Item> Items);

    internal sealed record Item(string Text, bool Answer, int? Weight = null);

    [Theory]
    [InlineData("""{"items":[{"text":"a } \" b","answer":true,"weight":4}]}""")]
    [InlineData("""Sure! Here's what you [probably] want: ```json {"Items": [ {"text":"a } \" b","answer":"True","weight":"4",}, ] } ``` Anything {else}?""")]
    [InlineData("""[{"text":"a } \" b","answer":true, /* sure */ "weight":4}]""")]
    [InlineData("""<think>maybe {"items":[]} or {"items":[</think>{"items":[{"text":"a } \" b","answer":true,"weight":4}],"note":"more"}""")]
    public void A_record_is_found_in_whatever_stands_around_it(string text)
    {
        var item = Assert.Single(ReplyJson.Read<Reply>(text).Items);
        Assert.Equal(new Item("a } \" b", true, 4), item);
    }

    [Theory]
    [InlineData("I am sorry, I cannot.", "no JSON")]
    [InlineData("", "no JSON")]
    [InlineData("""{"items":[{"text":"a","answer":true}""", "breaks off")]
    [InlineData("""{"items":[{"text":"a","answer":"maybe"}]}""", "not the form asked for")]
    [InlineData("""{"items":[{"text":"a"}]}""", "not the form asked for")]
    [InlineData("""{"items":[{"text":null,"answer":true}]}""", "not the form asked for")]
    [InlineData("""{"other":1}""", "not the form asked for")]
    [InlineData("[]]]]", null)]
    public void What_is_none_is_refused_with_the_reason(string text, string? expected)
    {
        if (expected is null)
        {
            Assert.Empty(ReplyJson.Read<Reply>(text).Items);
            return;
        }

        Assert.Contains(expected, Assert.Throws<ReplyException>(() => ReplyJson.Read<Reply>(text)).Message);
    }

    // Quadratic work would take hours here.
    [Fact]
    public void Hostile_text_is_read_in_bounded_time()
    {
        Assert.Throws<ReplyException>(() => ReplyJson.Read<Reply>(new string('{', 4_000_000)));
        Assert.Throws<ReplyException>(() => ReplyJson.Read<Reply>(string.Concat(Enumerable.Repeat("{\"", 1_000_000))));
        Assert.Throws<ReplyException>(() => ReplyJson.Read<Reply>($"{{\"items\":{new string('[', 100_000)}{new string(']', 100_000)}}}"));
    }
}

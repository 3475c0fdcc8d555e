using ProxyReward.Models.Chat;

namespace ProxyReward.Models.Tests.Chat;

public sealed class StopSequencesTests
{
    [Theory]
    [InlineData(new[] { "END" }, "one END two", "one ")]
    [InlineData(new[] { "b", "ab" }, "xaby", "x")] // the one that begins first counts, not the one that ends first
    [InlineData(new[] { "END" }, "EN and EEND", "EN and E")]
    [InlineData(new[] { "END" }, "one EN", "one EN")]
    [InlineData(new string[0], "one", "one")]
    public void The_text_ends_before_the_first_sequence_wherever_its_pieces_are_cut(string[] sequences, string text, string expected)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            var stops = new StopSequences(sequences);
            var given = string.Concat(text.Chunk(size).Select(piece => stops.Push(new string(piece)))) + stops.Flush();
            Assert.Equal((expected, expected != text), (given, stops.Met));
        }
    }

    [Fact]
    public void Only_what_may_be_the_beginning_of_a_sequence_is_held_back()
    {
        var stops = new StopSequences(["\n\n", "END"]);
        Assert.Equal("one", stops.Push("one\n"));
        Assert.Equal("\ntwo", stops.Push("two"));
        Assert.Equal(" ", stops.Push(" EN"));
        Assert.Equal("ENT", stops.Push("T"));
        Assert.Equal("", stops.Push("E"));
        Assert.Equal("E", stops.Flush());
    }
}

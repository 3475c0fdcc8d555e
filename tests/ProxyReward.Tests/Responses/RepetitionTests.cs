using ProxyReward.Responses;

namespace ProxyReward.Tests.Responses;

public sealed class RepetitionTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("one two three", 0)]
    [InlineData("a b c d", 0)]
    [InlineData("a b c d a b c d", 1.0 / 5)] // 4-grams: abcd bcda cdab dabc abcd; the last one is a repetition
    [InlineData("A b, c! D… a B c d", 1.0 / 5)] // case and punctuation do not matter
    [InlineData("x x x x x x", 2.0 / 3)] // xxxx three times
    public void Repetition_equals_sums_by_hand(string text, double expected) => Assert.Equal(expected, Repetition.Of(text), 12);
}

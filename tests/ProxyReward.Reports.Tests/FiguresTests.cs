namespace ProxyReward.Reports.Tests;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.439, "0.4390")]
    [InlineData(42, "42.00")]
    [InlineData(-1208.4, "-1208")]
    [InlineData(0.00000015, "1.5E-7")]
    [InlineData(1.25e9, "1.25E9")]
    public void A_number_has_four_digits_whatever_its_size(double value, string text) => Assert.Equal(text, Figures.Number(value));

    [Theory]
    [InlineData(0.0758, "+7.6")]
    [InlineData(-0.0758, "−7.6")]
    [InlineData(-0.0004, "0.0")]
    [InlineData(0, "0.0")]
    public void A_difference_has_a_sign_unless_it_rounds_to_nothing(double difference, string text) => Assert.Equal(text, Figures.Points(difference));

    [Fact]
    public void A_share_comes_with_its_interval_and_its_n() =>
        Assert.Equal("48.2 % (95 % interval 44.9 to 51.6, n = 24)", Figures.PercentWithInterval(new(0.4816, 0.4493, 0.5163, 24)));
}

using ProxyReward.Reports.Plots;

namespace ProxyReward.Reports.Tests.Plots;

public sealed class BinsTests
{
    [Fact]
    public void Shares_of_fifteen_proxies_get_a_bin_each()
    {
        double[] values = [2 / 15.0, 5 / 15.0, 6 / 15.0, 6 / 15.0, 11 / 15.0];
        var bins = Bins.For(values);
        Assert.Equal(1 / 15.0, bins.Width, 6);
        Assert.Equal(10, bins.Count);
        Assert.Equal(1 / 10.0, bins.Edge(0), 6);
        Assert.Equal([0.2, 0, 0, 0.2, 0.4, 0, 0, 0, 0, 0.2], bins.Shares(values), (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void Other_values_get_round_bins_that_hold_all_of_them()
    {
        double[] values = [61, 62.5, 187, 244, 319.75];
        var bins = Bins.For(values);
        Assert.Equal((60, 20, 13), (bins.Edge(0), bins.Width, bins.Count));
        Assert.Equal(1, bins.Shares(values).Sum(), 9);
        Assert.Equal(0.4, bins.Shares(values)[0], 9);
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(0, 1e300)]
    public void One_value_or_an_enormous_one_is_no_trouble(double first, double second)
    {
        var bins = Bins.For([first, second]);
        Assert.InRange(bins.Count, 1, 40);
        Assert.Equal(1, bins.Shares([first, second]).Sum(), 9);
    }
}

using ProxyReward.Reports.Plots;

namespace ProxyReward.Reports.Tests.Plots;

public sealed class ScaleTests
{
    [Fact]
    public void Ticks_are_round_and_hold_all_values()
    {
        var scale = new Scale([43.2, 78.3], 0, 100);
        Assert.Equal([40, 50, 60, 70, 80], scale.Ticks);
        Assert.Equal(0, scale.At(40), 9);
        Assert.Equal(50, scale.At(60), 9);
        Assert.Equal(100, scale.At(80), 9);
    }

    [Theory]
    [InlineData(0, 1, "0.2")]
    [InlineData(-412, -38, "-200")]
    [InlineData(0.6931, 0.6937, "0.6934")]
    [InlineData(0, 3e9, "1E9")]
    public void A_tick_has_as_many_decimals_as_its_step_needs(double low, double high, string label)
    {
        var scale = new Scale([low, high], 0, 1);
        Assert.Contains(label, scale.Ticks.Select(scale.Label));
        Assert.Equal(scale.Ticks.Count, scale.Ticks.Select(scale.Label).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(0, 0)]
    [InlineData(-1e300, 1e308)]
    [InlineData(1e12, 1e12 + 1e-6)]
    public void Values_that_are_equal_or_enormous_still_have_a_few_ticks_and_a_place(double low, double high)
    {
        var scale = new Scale([low, high], 0, 100);
        Assert.InRange(scale.Ticks.Count, 2, 12);
        Assert.InRange(scale.At(low), 0, 100);
        Assert.InRange(scale.At(high), 0, 100);
    }

    [Fact]
    public void A_tight_scale_ends_with_the_values_and_keeps_the_ticks_inside()
    {
        var scale = new Scale([1, 18], 0, 170, ticks: 6, tight: true);
        Assert.Equal([5, 10, 15], scale.Ticks);
        Assert.Equal(0, scale.At(1), 9);
        Assert.Equal(170, scale.At(18), 9);
    }

    [Fact]
    public void A_scale_may_run_upwards() => Assert.Equal(60, new Scale([0, 1], 110, 10).At(0.5), 9);
}

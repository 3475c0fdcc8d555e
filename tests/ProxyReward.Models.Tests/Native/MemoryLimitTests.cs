using ProxyReward.Models.Native;

namespace ProxyReward.Models.Tests.Native;

public sealed class MemoryLimitTests
{
    [Fact]
    public void What_cannot_fit_is_refused_with_the_setting_to_change()
    {
        var error = Assert.Throws<RequestException>(() => MemoryLimit.Require(long.MaxValue / 2, "holding 9 responses", free => $"of {free > 0}, lower responses.batch"));

        Assert.Contains("holding 9 responses needs about", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("more: of True, lower responses.batch.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_fits_is_let_through() => MemoryLimit.Require(1, "one byte", _ => "nothing");
}

using ProxyReward.Models.Preference;

namespace ProxyReward.Models.Tests.Preference;

public sealed class SavePaceTests
{
    private readonly Clock clock = new();

    [Fact]
    public void A_state_is_kept_at_an_interval()
    {
        var pace = new SavePace(TimeSpan.FromSeconds(30), clock);
        clock.Seconds = 29;
        Assert.False(pace.IsDue);
        clock.Seconds = 30;
        Assert.True(pace.IsDue);
        pace.Save(() => { });
        Assert.False(pace.IsDue);
    }

    [Fact]
    public void A_state_that_takes_long_to_keep_is_kept_for_a_twentieth_of_the_time()
    {
        var pace = new SavePace(TimeSpan.FromSeconds(30), clock);
        pace.Save(() => clock.Seconds = 10);
        clock.Seconds = 199;
        Assert.False(pace.IsDue);
        clock.Seconds = 200;
        Assert.True(pace.IsDue);
    }

    [Fact]
    public void Zero_keeps_it_after_each_step_whatever_that_takes()
    {
        var pace = new SavePace(TimeSpan.Zero, clock);
        pace.Save(() => clock.Seconds = 10);
        Assert.True(pace.IsDue);
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}

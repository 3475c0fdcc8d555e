using ProxyReward.Cli.Progress;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Tests;

public sealed class PaceTests
{
    [Fact]
    public void The_time_left_is_that_of_what_this_process_did()
    {
        // 100 were there; 50 in 10 s leave 50, so 10 s more; 1,000 tokens in 10 s.
        var clock = new Clock();
        var pace = new Pace(clock, () => 0, Arm.Base, Stage.Respond, "responses", 100, 200);
        Assert.Equal("base: respond", pace.Title);
        Assert.Equal("100 of 200 responses", pace.ToString());
        clock.Seconds = 10;
        pace.Advance(50, 1000);
        Assert.Equal("150 of 200 responses, 100 tokens/s, 10 s left", pace.ToString());
        Assert.Equal("150 of 200 responses in 10.0 s, 100 tokens/s", pace.Summary(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_training_shows_its_memory()
    {
        var clock = new Clock();
        var pace = new Pace(clock, () => 1_300_000_000, Arm.Base, Stage.Train, "steps", 10, 20);
        clock.Seconds = 4;
        pace.Advance(2, 800);
        Assert.Equal("12 of 20 steps, 200 tokens/s, 16 s left, 1.3 GB", pace.ToString());
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}

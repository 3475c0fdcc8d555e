using System.Diagnostics;

namespace ProxyReward.Bench;

/// <summary>
/// How long something took, in seconds: by the clock, and of all processors together. On a machine that others use as well, only the second
/// says what the work itself costs.
/// </summary>
internal sealed record Timing(double Clock, double Processor)
{
    public static Timing Of(Action work)
    {
        var (clock, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        work();
        return new Timing(clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    /// <summary>The middle one of some numbers; of an even count the higher of the two.</summary>
    public static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;

    /// <summary>So many of something a second.</summary>
    public Rates Rate(double amount) => new(amount / Clock, amount / Processor);
}

/// <summary>Per second of the clock and of processor time.</summary>
internal sealed record Rates(double Clock, double Processor)
{
    /// <summary>How often a second, where one takes so many.</summary>
    public Rates Over(double amount) => new(Clock / amount, Processor / amount);
}

using System.Globalization;

namespace ProxyReward.Reports.Plots;

/// <summary>Maps values to places along an axis whose ticks are round numbers.</summary>
internal sealed class Scale
{
    // Beyond this the difference of two values is no longer a finite number.
    private const double Largest = 1e150;

    private readonly double low;
    private readonly double high;
    private readonly double from;
    private readonly double to;

    /// <summary>An axis that holds all values.</summary>
    /// <param name="values">At least one number.</param>
    /// <param name="from">Place of the low end.</param>
    /// <param name="to">Place of the high end.</param>
    /// <param name="ticks">About how many ticks.</param>
    /// <param name="tight">The axis ends with the values; else with the next tick.</param>
    public Scale(IEnumerable<double> values, double from, double to, int ticks = 5, bool tight = false)
    {
        (this.from, this.to) = (from, to);
        var numbers = values.Select(Bounded).ToList();
        var (min, max) = (numbers.Min(), numbers.Max());
        var least = Math.Max(1e-9, Math.Max(Math.Abs(min), Math.Abs(max)) * 1e-9);
        if (max - min < least)
        {
            (min, max) = (min - least, max + least);
        }

        Step = RoundStep((max - min) / ticks);
        var first = tight ? Math.Ceiling((min / Step) - 1e-9) : Math.Floor((min / Step) + 1e-9);
        var last = tight ? Math.Floor((max / Step) + 1e-9) : Math.Ceiling((max / Step) - 1e-9);
        (low, high) = tight ? (min, max) : (first * Step, last * Step);
        Ticks = [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * Step)];
    }

    /// <summary>From one tick to the next: 1, 2 or 5 times a power of ten.</summary>
    public double Step { get; }

    /// <summary>The round numbers that the axis holds.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>The place of a value.</summary>
    public double At(double value) => from + ((Bounded(value) - low) / (high - low) * (to - from));

    /// <summary>A tick as text, with as many decimals as the step needs.</summary>
    public string Label(double tick)
    {
        var decimals = (int)Math.Max(0, -Math.Floor(Math.Log10(Step)));
        return decimals <= 6 && Math.Abs(tick) < 1e6
            ? Figures.Fixed(tick, decimals)
            : tick.ToString("0.##E0", CultureInfo.InvariantCulture);
    }

    private static double Bounded(double value) => Math.Clamp(value, -Largest, Largest);

    private static double RoundStep(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return (step / power) switch
        {
            <= 1.000001 => power,
            <= 2.000001 => 2 * power,
            <= 5.000001 => 5 * power,
            _ => 10 * power,
        };
    }
}

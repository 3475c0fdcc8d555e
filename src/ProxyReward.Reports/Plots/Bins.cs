namespace ProxyReward.Reports.Plots;

/// <summary>Bins of equal width for a histogram.</summary>
/// <param name="Start">Lower edge of the first bin.</param>
/// <param name="Width">Of each bin.</param>
/// <param name="Count">How many bins.</param>
internal sealed record Bins(double Start, double Width, int Count)
{
    private const int Most = 40;

    /// <summary>
    /// Bins for values. Values that are multiples of one step (right answers of 15) get a bin each: any other width would hold now
    /// one and now two of the steps, and show peaks that are not there.
    /// </summary>
    /// <param name="values">At least one.</param>
    public static Bins For(IEnumerable<double> values)
    {
        var distinct = values.Select(v => Math.Round(v, 9)).Distinct().Order().ToList();
        var step = distinct.Zip(distinct.Skip(1), (a, b) => b - a).DefaultIfEmpty(0.1).Min();
        var steps = (distinct[^1] - distinct[0]) / step;
        if (steps < Most && distinct.TrueForAll(v => Math.Abs(((v - distinct[0]) / step) - Math.Round((v - distinct[0]) / step)) < 1e-3))
        {
            return new(distinct[0] - (step / 2), step, (int)Math.Round(steps) + 1);
        }

        var scale = new Scale(distinct, 0, 1, ticks: 20);
        return new(scale.Ticks[0], scale.Step, scale.Ticks.Count - 1);
    }

    /// <summary>The share of the values in each bin; 0–1.</summary>
    public IReadOnlyList<double> Shares(IReadOnlyCollection<double> values)
    {
        var shares = new double[Count];
        foreach (var value in values)
        {
            shares[Math.Clamp((int)Math.Floor(((value - Start) / Width) + 1e-9), 0, Count - 1)] += 1.0 / values.Count;
        }

        return shares;
    }

    /// <summary>Lower edge of a bin; the upper edge of the one before.</summary>
    public double Edge(int bin) => Start + (bin * Width);
}

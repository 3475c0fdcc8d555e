namespace ProxyReward.Rewards;

/// <summary>How far rewards lie apart.</summary>
internal static class Variance
{
    /// <summary>Population variance: the mean of the squared distances to the mean, in the unit of the values squared.</summary>
    public static double Of(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return values.Average(value => (value - mean) * (value - mean));
    }
}

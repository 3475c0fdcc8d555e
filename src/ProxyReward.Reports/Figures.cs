using System.Globalization;
using ProxyReward.Evaluation;

namespace ProxyReward.Reports;

/// <summary>Numbers as people read them.</summary>
internal static class Figures
{
    /// <summary>A share of 0–1 in percent, without the sign: <c>48.2</c>.</summary>
    public static string Percent(double share) => (100 * share).ToString("0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    /// <summary>A difference of shares in percentage points: <c>+7.6</c>.</summary>
    public static string Points(double difference) => (100 * difference).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    /// <summary><c>48.2 % (95 % interval 44.9 to 51.6, n = 24)</c>.</summary>
    public static string PercentWithInterval(Estimate value) =>
        $"{Percent(value.Mean)} % (95 % interval {Percent(value.Low)} to {Percent(value.High)}, n = {value.N})";

    /// <summary><c>+7.6 points (95 % interval +5.1 to +10.0, n = 24)</c>.</summary>
    public static string PointsWithInterval(Estimate value) =>
        $"{Points(value.Mean)} points (95 % interval {Points(value.Low)} to {Points(value.High)}, n = {value.N})";

    /// <summary>A number of any size, four digits of it: <c>0.4390</c>, <c>42.00</c>, <c>-1208</c>, <c>1.5E-07</c>.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 0.001 and < 1e6 and var size => Fixed(value, decimals: Math.Max(0, 3 - (int)Math.Floor(Math.Log10(size)))),
        _ => value.ToString("0.###E0", CultureInfo.InvariantCulture),
    };

    /// <summary>A number with so many decimals.</summary>
    public static string Fixed(double value, int decimals) => value.ToString($"F{decimals}", CultureInfo.InvariantCulture);

    /// <summary>A count with groups of digits: <c>12 300</c>.</summary>
    public static string Count(double value) => value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');
}

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

    /// <summary>A number of any size, four digits of it.</summary>
    public static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A count with groups of digits: <c>12 300</c>.</summary>
    public static string Count(double value) => value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');
}

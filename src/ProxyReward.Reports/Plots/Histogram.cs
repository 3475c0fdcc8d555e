using System.Text;
using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Plots;

/// <summary>Two distributions of one quantity over each other: before as a dashed outline, after as a filled one.</summary>
internal static class Histogram
{
    /// <summary>Draws the shares of values.</summary>
    /// <param name="title">What is shown.</param>
    /// <param name="description">The same in words.</param>
    /// <param name="quantity">Name and unit of the values.</param>
    /// <param name="before">At least one value.</param>
    /// <param name="after">May be empty: then there is only a before.</param>
    public static Html Draw(string title, string description, string quantity, IReadOnlyList<double> before, IReadOnlyList<double> after)
    {
        var bins = Bins.For(before.Concat(after));
        var (first, second) = (bins.Shares(before), bins.Shares(after));
        var frame = new Frame(title, description, quantity, "percent of the responses");
        var y = Frame.VerticalScale([0, .. first.Concat(second).Select(share => 100 * share)]);
        var x = frame.HorizontalScale([bins.Edge(0), bins.Edge(bins.Count)]);
        var outline = Outline(bins, second, x, y);
        var filled = after.Count == 0 ? Html.None : Html.Of($"""<path class="area b" d="{outline}"/><path class="line b" d="{outline}"/>""");
        return frame.Draw(y, Frame.TicksBelow(x), Html.Of($"""
            {filled}<path class="line a dashed" d="{Outline(bins, first, x, y)}"/>
            """));
    }

    private static string Outline(Bins bins, IReadOnlyList<double> shares, Scale x, Scale y)
    {
        var path = new StringBuilder(FormattableString.Invariant($"M{x.At(bins.Edge(0)):0.##} {y.At(0):0.##}"));
        for (var bin = 0; bin < bins.Count; bin++)
        {
            path.Append(FormattableString.Invariant($"V{y.At(100 * shares[bin]):0.##}H{x.At(bins.Edge(bin + 1)):0.##}"));
        }

        return path.Append(FormattableString.Invariant($"V{y.At(0):0.##}")).ToString();
    }
}

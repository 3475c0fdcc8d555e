using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Plots;

/// <summary>A course over steps.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Values">One per step.</param>
internal sealed record Course(string Name, IReadOnlyList<double> Values);

/// <summary>One or two courses over training steps: the first solid, the second dashed. Long courses are shown as means of equal parts.</summary>
internal static class LinePlot
{
    private const int MostPoints = 200;

    /// <summary>Draws courses of the same length.</summary>
    /// <param name="title">What is shown.</param>
    /// <param name="unit">Of the values; may be empty.</param>
    /// <param name="courses">One or two, none empty.</param>
    public static Html Draw(string title, string unit, params IReadOnlyList<Course> courses)
    {
        var thinned = courses.Select(c => (c.Name, Points: Thin(c.Values))).ToList();
        var description = string.Join("; ", courses.Select(c =>
            $"{c.Name}: {Figures.Number(c.Values[0])} at step 1, {Figures.Number(c.Values[^1])} at step {c.Values.Count}"));
        var frame = new Frame(title, description, "step", unit);
        var y = Frame.VerticalScale(thinned.SelectMany(c => c.Points).Select(p => p.Value));
        var x = frame.HorizontalScale([1, courses[0].Values.Count]);
        var plot = frame.Draw(y, Frame.TicksBelow(x), Html.Join(thinned.Select((c, i) => Html.Of($"""
            <polyline class="{(i == 0 ? "line a" : "line b dashed")}" points="{Points(c.Points, x, y)}"/>
            """))));
        return courses.Count == 1 ? plot : Html.Of($"{Legend.Of(solid: courses[0].Name, dashed: courses[1].Name)}{plot}");
    }

    private static string Points(IEnumerable<(double Step, double Value)> points, Scale x, Scale y) =>
        string.Join(' ', points.Select(p => FormattableString.Invariant($"{x.At(p.Step):0.##},{y.At(p.Value):0.##}")));

    private static List<(double Step, double Value)> Thin(IReadOnlyList<double> values)
    {
        var size = (values.Count + MostPoints - 1) / MostPoints;
        return [.. values.Chunk(size).Select((part, i) => ((i * size) + ((part.Length + 1) / 2.0), part.Average()))];
    }
}

using System.Globalization;
using System.Xml.Linq;
using ProxyReward.Evaluation;
using ProxyReward.Reports.Markup;
using ProxyReward.Reports.Plots;

namespace ProxyReward.Reports.Tests.Plots;

/// <summary>The vertical axis runs from place 32 (top) to 226 (bottom).</summary>
public sealed class PlotTests
{
    [Fact]
    public void A_mean_and_the_ends_of_its_interval_stand_at_their_values()
    {
        // Ticks 40, 50, 60, 70, 80: 40 is at 226, 80 at 32, so 60 is at 129 and 70 at 80.5.
        var plot = Parse(IntervalPlot.Draw("t", [new("base", new(0.6, 0.4, 0.7, 24), PointKind.Base), new("control x", new(0.8, 0.8, 0.8, 24), PointKind.Control)]));
        var circle = plot.Descendants("circle").Single();
        Assert.Equal(129, Number(circle, "cy"));
        var (x, left) = (circle.Attribute("cx")!.Value, (Number(circle, "cx") - 6).ToString("0.##", CultureInfo.InvariantCulture));
        Assert.Equal($"M{x} 226V80.5M{left} 226h12M{left} 80.5h12", plot.Descendants("path").First().Attribute("d")!.Value);
        Assert.Equal(32 - 4.5, Number(plot.Descendants("rect").Single(), "y"));
        Assert.Equal("base 60.0 % (95 % interval 40.0 to 70.0, n = 24); control x 80.0 % (95 % interval 80.0 to 80.0, n = 24)", plot.Descendants("desc").Single().Value);
    }

    [Fact]
    public void The_line_goes_through_base_and_iterations_and_leaves_the_controls_out()
    {
        Estimate half = new(0.5, 0.4, 0.6, 3);
        var plot = Parse(IntervalPlot.Draw("t", [new("base", half, PointKind.Base), new("iteration 1", half, PointKind.Iteration), new("control a", half, PointKind.Control)]));
        var line = plot.Descendants("polyline").Single().Attribute("points")!.Value.Split(' ');
        Assert.Equal(plot.Descendants("circle").Select(c => $"{c.Attribute("cx")!.Value},{c.Attribute("cy")!.Value}"), line);
    }

    [Fact]
    public void A_histogram_shows_both_distributions_in_percent_of_their_own_size()
    {
        // Before: all at 0; after: half at 0, half at 1. Ticks 0 … 100: 0 is at 226, 100 at 32, 50 at 129.
        var paths = Parse(Histogram.Draw("t", "d", "q", [0, 0, 0], [0, 1])).Descendants("path").Select(p => (p.Attribute("class")!.Value, Path: p.Attribute("d")!.Value)).ToList();
        Assert.Equal(["area b", "line b", "line a dashed"], paths.Select(p => p.Value));
        Assert.Equal(["129", "129", "226"], Heights(paths[1].Path));
        Assert.Equal(["32", "226", "226"], Heights(paths[2].Path));

        Assert.Single(Parse(Histogram.Draw("t", "d", "q", [0, 1], [])).Descendants("path"));

        static IEnumerable<string> Heights(string path) => path.Split('V').Skip(1).Select(part => part.Split('H')[0]);
    }

    [Fact]
    public void A_long_course_is_shown_as_means_of_equal_parts()
    {
        var plot = Parse(LinePlot.Draw("t", "", new Course("c", [.. Enumerable.Range(0, 1000).Select(i => i % 2 == 0 ? 0.0 : 2.0)])));
        var points = plot.Descendants("polyline").Single().Attribute("points")!.Value.Split(' ');
        Assert.Equal(200, points.Length);

        // Parts of five hold 0 2 0 2 0 and 2 0 2 0 2 in turn: means 0.8 and 1.2, symmetric around the middle of the axis at 129.
        Assert.Equal(2 * 129, points.Take(2).Sum(p => double.Parse(p.Split(',')[1], CultureInfo.InvariantCulture)), 2);
        Assert.Equal("c: 0 at step 1, 2.000 at step 1000", plot.Descendants("desc").Single().Value);
    }

    private static XElement Parse(Html plot) => XElement.Parse($"<g>{plot}</g>");

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}

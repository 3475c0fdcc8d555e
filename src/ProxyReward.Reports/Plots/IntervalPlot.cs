using ProxyReward.Evaluation;
using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Plots;

/// <summary>What kind of model a point stands for; each has a shape of its own.</summary>
internal enum PointKind
{
    /// <summary>The model as it came: a hollow circle.</summary>
    Base,

    /// <summary>The loop: filled circles, joined by a line that starts at the base.</summary>
    Iteration,

    /// <summary>Another reward: squares.</summary>
    Control,
}

/// <summary>A share with its interval.</summary>
internal sealed record IntervalPoint(string Name, Estimate Value, PointKind Kind);

/// <summary>Shares side by side, each with its 95 % interval as an error bar; the first one's mean goes on as a dashed line.</summary>
internal static class IntervalPlot
{
    private const double Slot = 70;
    private const double Cap = 6;

    /// <summary>Draws shares of 0–1 as percentages.</summary>
    public static Html Draw(string title, IReadOnlyList<IntervalPoint> points)
    {
        var frame = new Frame(title, string.Join("; ", points.Select(p => $"{p.Name} {Figures.PercentWithInterval(p.Value)}")), "", "percent")
        {
            Width = Math.Max(440, Frame.Left + 14 + (Slot * points.Count)),
        };
        var y = Frame.VerticalScale(points.SelectMany(p => new[] { 100 * p.Value.Low, 100 * p.Value.High, 100 * p.Value.Mean }));
        var slot = (frame.Right - Frame.Left) / points.Count;
        var placed = points.Select((p, i) => new Placed(p, Frame.Left + (slot * (i + 0.5)), y)).ToList();
        var line = string.Join(' ', placed.Where(p => p.Point.Kind != PointKind.Control).Select(p => FormattableString.Invariant($"{p.X:0.##},{p.Mean:0.##}")));
        return frame.Draw(y, Html.Join(placed.Select(Label)), Html.Of($"""
            <line class="reference" x1="{Frame.Left}" x2="{frame.Right}" y1="{placed[0].Mean}" y2="{placed[0].Mean}"/>
            <polyline class="line a thin" points="{line}"/>
            {placed.Select(Mark)}
            """));
    }

    // "control trained_temperature" takes three lines under its mark.
    private static Html Label(Placed placed) => Html.Of($"""
        <text x="{placed.X}" y="{Frame.Bottom}" text-anchor="middle">{placed.Point.Name.Split(' ', '_').Select(word => Html.Of($"""<tspan x="{placed.X}" dy="13">{word}</tspan>"""))}</text>
        """);

    private static Html Mark(Placed placed)
    {
        var (x, mean, low, high) = (placed.X, placed.Mean, placed.Low, placed.High);
        var shape = placed.Point.Kind switch
        {
            PointKind.Base => Html.Of($"""<circle class="mark hollow a" cx="{x}" cy="{mean}" r="5"/>"""),
            PointKind.Iteration => Html.Of($"""<circle class="mark full a" cx="{x}" cy="{mean}" r="5"/>"""),
            _ => Html.Of($"""<rect class="mark full b" x="{x - 4.5}" y="{mean - 4.5}" width="9" height="9"/>"""),
        };
        return Html.Of($"""
            <g><title>{placed.Point.Name}: {Figures.PercentWithInterval(placed.Point.Value)}</title>
            <path class="error" d="M{x} {low}V{high}M{x - Cap} {low}h{2 * Cap}M{x - Cap} {high}h{2 * Cap}"/>{shape}
            <text class="value" x="{x + 8}" y="{mean + 15}">{Figures.Percent(placed.Point.Value.Mean)}</text></g>
            """);
    }

    private sealed record Placed(IntervalPoint Point, double X, Scale Y)
    {
        public double Mean => Y.At(100 * Point.Value.Mean);

        public double Low => Y.At(100 * Point.Value.Low);

        public double High => Y.At(100 * Point.Value.High);
    }
}

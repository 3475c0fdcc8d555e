using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Plots;

/// <summary>What all plots share: size, grid, axes, and a title and description for those who do not see them.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="Description">The same in words, with the numbers.</param>
/// <param name="XLabel">Quantity and unit along the horizontal axis; may be empty.</param>
/// <param name="YLabel">Quantity and unit along the vertical axis.</param>
internal sealed record Frame(string Title, string Description, string XLabel, string YLabel)
{
    public const double Left = 50;
    public const double Top = 32;
    private const double Height = 270;
    private const double RightMargin = 14;
    private const double BottomMargin = 44;

    /// <summary>In the drawing's own units; the page scales it.</summary>
    public double Width { get; init; } = 440;

    // Titles of plots differ, as those of sections do.
    private string Name => "plot-" + Anchor.Of(Title);

    public double Right => Width - RightMargin;

    public static double Bottom => Height - BottomMargin;

    /// <summary>A vertical axis for values.</summary>
    public static Scale VerticalScale(IEnumerable<double> values) => new(values, Bottom, Top);

    /// <summary>A horizontal axis from the smallest value to the largest.</summary>
    public Scale HorizontalScale(IEnumerable<double> values) => new(values, Left, Right, ticks: 6, tight: true);

    /// <summary>The plot.</summary>
    /// <param name="y">The vertical axis.</param>
    /// <param name="below">What stands under the horizontal axis.</param>
    /// <param name="marks">The data.</param>
    public Html Draw(Scale y, Html below, Html marks) => Html.Of($"""
        <svg viewBox="0 0 {Width} {Height}" width="{Width}" role="img" aria-labelledby="{Name}-title {Name}-text">
        <title id="{Name}-title">{Title}</title><desc id="{Name}-text">{Description}</desc>
        <text class="axis" x="4" y="14">{YLabel}</text>
        {y.Ticks.Select(tick => Html.Of($"""
            <line class="grid" x1="{Left}" x2="{Right}" y1="{y.At(tick)}" y2="{y.At(tick)}"/>
            <text x="{Left - 6}" y="{y.At(tick) + 4}" text-anchor="end">{y.Label(tick)}</text>
            """))}
        <line class="base" x1="{Left}" x2="{Right}" y1="{Bottom}" y2="{Bottom}"/>
        {below}<text class="axis" x="{(Left + Right) / 2}" y="{Height - 6}" text-anchor="middle">{XLabel}</text>
        {marks}</svg>
        """);

    /// <summary>The ticks of a horizontal axis for values.</summary>
    public static Html TicksBelow(Scale x) => Html.Join(x.Ticks.Select(tick => Html.Of($"""
        <line class="base" x1="{x.At(tick)}" x2="{x.At(tick)}" y1="{Bottom}" y2="{Bottom + 4}"/>
        <text x="{x.At(tick)}" y="{Bottom + 17}" text-anchor="middle">{x.Label(tick)}</text>
        """)));
}

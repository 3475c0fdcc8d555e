using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Plots;

/// <summary>What the lines of a plot stand for. Lines differ in dash as well as in colour.</summary>
internal static class Legend
{
    /// <summary>A solid line in the first colour and a dashed one in the second.</summary>
    public static Html Of(string solid, string dashed) => Html.Of($"""
        <p class="legend">{Entry("line a", solid)}{Entry("line b dashed", dashed)}</p>
        """);

    /// <summary>The two outlines of a histogram.</summary>
    public static Html BeforeAfter(string before, string? after) => Html.Of($"""
        <p class="legend">{Entry("line a dashed", before)}{(after is null ? Html.None : Entry("line b", after))}</p>
        """);

    private static Html Entry(string kind, string name) => Html.Of($"""
        <span><svg width="34" height="10" aria-hidden="true"><line class="{kind}" x1="1" x2="33" y1="5" y2="5"/></svg> {name}</span>
        """);
}

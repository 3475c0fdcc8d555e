using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Sections;

/// <summary>What the run folder does not hold (yet): null when the run is complete.</summary>
internal static class MissingSection
{
    public static Section? Of(RunContents run) => run.Missing.Count == 0 ? null : new(
        "This report is partial",
        Html.Of($"The run is not finished, or files of it are missing or damaged. The same <code>run</code> command goes on from where it stopped."),
        Html.Of($"""
            <ul>{run.Missing.Select(line => Html.Of($"<li>{line}</li>\n"))}</ul>
            """));
}

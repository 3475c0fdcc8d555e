namespace ProxyReward.Reports.Markup;

/// <summary>The page around the sections.</summary>
internal static class Page
{
    private static readonly Html Style = Html.Resource("report.css");

    /// <summary>A page that may load nothing and run nothing, whatever is in it.</summary>
    /// <param name="title">For the window.</param>
    /// <param name="header">What stands before the list of contents.</param>
    /// <param name="sections">In order, no two of one title.</param>
    public static Html Of(string title, Html header, IReadOnlyList<Section> sections) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>{title}</title>
        <style>
        {Style}</style>
        </head>
        <body>
        <main>
        {header}<nav aria-label="Contents"><ul>
        {sections.Select(section => section.Link)}</ul></nav>
        {sections.Select(section => section.Whole)}</main>
        </body>
        </html>

        """);

    /// <summary>A drawing under its caption.</summary>
    public static Html Figure(string caption, Html drawing) => Html.Of($"""
        <figure><figcaption>{caption}</figcaption>{drawing}</figure>

        """);
}

namespace ProxyReward.Reports.Markup;

/// <summary>The page around the sections.</summary>
internal static class Page
{
    private static readonly Html Style = Html.Resource("report.css");

    /// <summary>A page that may load nothing and run nothing, whatever is in it.</summary>
    public static Html Of(string title, IEnumerable<Html> sections) => Html.Of($"""
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
        {sections}</main>
        </body>
        </html>

        """);

    /// <summary>A section that says first what it shows.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="explanation">For someone who never heard of the method.</param>
    /// <param name="body">The rest.</param>
    public static Html Section(string title, Html explanation, Html body) => Html.Of($"""
        <section>
        <h2>{title}</h2>
        <p class="explanation">{explanation}</p>
        {body}
        </section>

        """);

    /// <summary>A drawing under its caption.</summary>
    public static Html Figure(string caption, Html drawing) => Html.Of($"""
        <figure><figcaption>{caption}</figcaption>{drawing}</figure>

        """);
}

namespace ProxyReward.Reports.Markup;

/// <summary>A section of the page, which says first what it shows.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Explanation">For someone who never heard of the method; may be nothing.</param>
/// <param name="Body">The rest.</param>
internal sealed record Section(string Title, Html Explanation, Html Body)
{
    /// <summary>An entry of the list of contents.</summary>
    public Html Link => Html.Of($"""
        <li><a href="#{Anchor.Of(Title)}">{Title}</a></li>

        """);

    /// <summary>The section itself.</summary>
    public Html Whole => Html.Of($"""
        <section id="{Anchor.Of(Title)}">
        <h2>{Title}</h2>
        {(Explanation == Html.None ? Html.None : Html.Of($"""<p class="explanation">{Explanation}</p>"""))}
        {Body}
        </section>

        """);
}

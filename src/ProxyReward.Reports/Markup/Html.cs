namespace ProxyReward.Reports.Markup;

/// <summary>
/// Markup, HTML or SVG. It is only made of literals of this project and of text that was escaped on its way in, so that no text of a
/// model, a recipe or a question set is ever taken for markup. Immutable.
/// </summary>
internal sealed class Html
{
    private readonly string markup;

    private Html(string markup) => this.markup = markup;

    /// <summary>Nothing.</summary>
    public static Html None { get; } = new("");

    /// <summary>A template: its literals are markup, its holes are escaped unless they are markup themselves.</summary>
    public static Html Of(HtmlTemplate template) => new(template.Markup);

    /// <summary>A file that ships inside this assembly, as it is.</summary>
    public static Html Resource(string name)
    {
        using var reader = new StreamReader(typeof(Html).Assembly.GetManifestResourceStream(name)!);
        return new(reader.ReadToEnd());
    }

    /// <summary>One after the other.</summary>
    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(part => part.markup)));

    /// <inheritdoc/>
    public override string ToString() => markup;
}

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace ProxyReward.Reports.Markup;

/// <summary>
/// What <c>Html.Of($"…")</c> is compiled to. A hole may stand in the content of an element or in a quoted attribute: the escape covers
/// both. It covers neither scripts nor styles, which the report does not make.
/// </summary>
[InterpolatedStringHandler]
internal readonly ref struct HtmlTemplate
{
    private readonly StringBuilder markup;

    public HtmlTemplate(int literalLength, int formattedCount) => markup = new(literalLength + (16 * formattedCount));

    public string Markup => markup.ToString();

    public void AppendLiteral(string literal) => markup.Append(literal);

    public void AppendFormatted(Html part) => markup.Append(part);

    public void AppendFormatted(IEnumerable<Html> parts) => markup.AppendJoin("", parts);

    public void AppendFormatted(int number) => markup.Append(CultureInfo.InvariantCulture, $"{number}");

    /// <summary>A place in a drawing; two decimals are finer than any screen.</summary>
    public void AppendFormatted(double coordinate) => markup.Append(coordinate.ToString("0.##", CultureInfo.InvariantCulture));

    public void AppendFormatted(string? text)
    {
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => markup.Append("&amp;"),
                '<' => markup.Append("&lt;"),
                '>' => markup.Append("&gt;"),
                '"' => markup.Append("&quot;"),
                '\'' => markup.Append("&#39;"),
                '\n' or '\t' => markup.Append((char)rune.Value),
                '\r' => markup,
                _ when Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF => markup.Append('\uFFFD'),
                _ => markup.Append(rune.ToString()),
            };
        }
    }
}

using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Tests.Markup;

public sealed class HtmlTests
{
    [Fact]
    public void Text_in_a_hole_is_escaped_in_content_and_in_attributes()
    {
        const string Hostile = "</p><script>alert('1')</script> & \"quoted\"";
        const string Escaped = "&lt;/p&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;quoted&quot;";
        Assert.Equal($"<p title=\"{Escaped}\">{Escaped}</p>", Html.Of($"<p title=\"{Hostile}\">{Hostile}</p>").ToString());
    }

    [Fact]
    public void Markup_in_a_hole_stays_markup_and_is_escaped_once()
    {
        var inner = Html.Of($"<b>{"a & b"}</b>");
        Assert.Equal("<p><b>a &amp; b</b></p>", Html.Of($"<p>{inner}</p>").ToString());
        Assert.Equal("<p><b>a &amp; b</b><b>a &amp; b</b></p>", Html.Of($"<p>{new[] { inner, inner }}</p>").ToString());
    }

    [Fact]
    public void Characters_that_no_page_may_hold_are_replaced_and_all_others_stay() =>
        Assert.Equal("a\uFFFDb\uFFFDc\uFFFD\n\té😀", Html.Of($"{"a\0b\u001Bc\uD800\r\n\té😀"}").ToString());

    [Fact]
    public void Coordinates_have_two_decimals_and_no_culture() => Assert.Equal("0.33 1234.5 -7", Html.Of($"{1 / 3.0} {1234.5} {-7}").ToString());
}

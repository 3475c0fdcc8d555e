using ProxyReward.Reports.Sections;

namespace ProxyReward.Reports.Tests.Sections;

public sealed class PassagesTests
{
    [Fact]
    public void A_quote_is_marked_where_it_stands()
    {
        var passages = Passages.Of("It rains. Oslo is a town. The end.", [(3, "Oslo is a town.")]);
        Assert.Equal(["It rains. ", "Oslo is a town.", " The end."], passages.Select(p => p.Text));
        Assert.Equal([3], passages[1].Quotes);
        Assert.Equal([3], passages[1].Ending);
        Assert.Empty(passages[0].Quotes);
        Assert.Empty(passages[2].Quotes);
    }

    [Fact]
    public void White_space_inside_a_quote_need_not_be_that_of_the_text()
    {
        var passages = Passages.Of("One.\n  Oslo\n is  a town.", [(1, "Oslo is a town.")]);
        Assert.Equal(["One.\n  ", "Oslo\n is  a town."], passages.Select(p => p.Text));
    }

    [Fact]
    public void The_form_of_quotation_marks_inside_a_quote_need_not_be_that_of_the_text_as_when_the_quote_was_checked()
    {
        var passages = Passages.Of("One. The ‘old’ town’s “port”. End.", [(1, "The 'old' town's \"port\".")]);
        Assert.Equal(["One. ", "The ‘old’ town’s “port”.", " End."], passages.Select(p => p.Text));
        Assert.Equal([1], passages[1].Quotes);
    }

    [Fact]
    public void Quotes_that_overlap_share_a_piece()
    {
        var passages = Passages.Of("abcdef", [(2, "bcd"), (1, "cde"), (3, "bcd")]);
        Assert.Equal(
            ["a|", "b|2 3", "cd|1 2 3", "e|1", "f|"],
            passages.Select(p => $"{p.Text}|{string.Join(' ', p.Quotes)}"));
        Assert.Equal([2, 3], passages[2].Ending);
        Assert.Equal([1], passages[3].Ending);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n ")]
    [InlineData("not there")]
    public void A_quote_that_says_nothing_or_is_not_there_marks_nothing(string quote)
    {
        var passage = Assert.Single(Passages.Of("Some text.", [(1, quote)]));
        Assert.Equal("Some text.", passage.Text);
        Assert.Empty(passage.Quotes);
    }

    [Fact]
    public void An_empty_text_has_no_pieces() => Assert.Empty(Passages.Of("", [(1, "x")]));
}

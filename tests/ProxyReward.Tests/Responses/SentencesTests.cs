using ProxyReward.Responses;

namespace ProxyReward.Tests.Responses;

public sealed class SentencesTests
{
    [Theory]
    [InlineData("One. Two! Three? Four… Five", "One.|Two!|Three?|Four…|Five")]
    [InlineData("Dr. Smith met Mr. Jones vs. St. John. They won.", "Dr. Smith met Mr. Jones vs. St. John.|They won.")]
    [InlineData("J. R. R. Tolkien and Robert E. Lee. The end.", "J. R. R. Tolkien and Robert E. Lee.|The end.")]
    [InlineData("The U.S. Army left the U.S. The war ended at 5 p.m. on Monday.", "The U.S. Army left the U.S.|The war ended at 5 p.m. on Monday.")]
    [InlineData("Pi is 3.14. It costs 1.5 million. Fig. 2 shows it.", "Pi is 3.14.|It costs 1.5 million.|Fig. 2 shows it.")]
    [InlineData("It came out in 1991. 20 years later it won.", "It came out in 1991.|20 years later it won.")]
    [InlineData("He said \"Stop.\" She left (at once.) And **so on.** End", "He said \"Stop.\"|She left (at once.)|And **so on.**|End")]
    [InlineData("fruit, nuts, etc. are sold. Yahoo! was first. Use Node.js here.", "fruit, nuts, etc. are sold.|Yahoo! was first.|Use Node.js here.")]
    public void Prose_is_cut_at_its_full_stops(string text, string expected) => Assert.Equal(expected.Split('|'), Cut(text));

    [Theory]
    [InlineData("# History\nIt began in Italy\n\nIt spread", "History|It began in Italy|It spread")]
    [InlineData("Kinds:\n- red\n  * green\n1. Blue. Sky.\n12) grey\n> quoted\n• dot", "Kinds:|red|green|Blue.|Sky.|grey|quoted|dot")]
    [InlineData("a line that was\nwrapped \r\n  by hand\r\nAnother", "a line that was\nwrapped \r\n  by hand|Another")]
    [InlineData("**Bold** starts. *Em* too", "**Bold** starts.|*Em* too")]
    [InlineData("| a | b |\n| c | d |", "| a | b ||| c | d |")]
    [InlineData("-5 degrees\n1991 was cold\n1991. That was it", "-5 degrees|1991 was cold|1991.|That was it")]
    public void Lines_of_a_list_a_heading_or_a_table_stand_alone(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Cut(text)));

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\r\n ")]
    public void Nothing_has_no_sentences(string text) => Assert.Empty(Cut(text));

    [Fact]
    public void A_run_on_text_is_cut_so_that_it_is_not_one_statement()
    {
        Assert.All(Cut(string.Join(' ', Enumerable.Repeat("word", 1000))), sentence => Assert.InRange(sentence.Length, 1, 504));
        Assert.Equal([1000, 1000, 500], Cut(new string('x', 2500)).Select(sentence => sentence.Length));
    }

    [Theory]
    [InlineData("Is it so?", true)]
    [InlineData("(\"Is it so?\")", true)]
    [InlineData("It is so.", false)]
    [InlineData("", false)]
    public void A_question_is_known_by_its_mark(string sentence, bool expected) => Assert.Equal(expected, Sentences.IsQuestion(sentence));

    [Fact]
    public void No_character_but_white_space_and_list_markers_is_lost()
    {
        var draws = Draws.Of(1, "sentences");
        const string Alphabet = "aB1 .!?…\n\r\t\"')-*#>,é";
        for (var round = 0; round < 500; round++)
        {
            var text = string.Concat(Enumerable.Range(0, 60).Select(_ => Alphabet[draws.Below(Alphabet.Length)]));
            var position = 0;
            foreach (var range in Sentences.Of(text))
            {
                Assert.InRange(range.Start.Value, position, range.End.Value - 1);
                Assert.DoesNotContain(text[position..range.Start.Value], c => char.IsLetter(c));
                position = range.End.Value;
            }

            Assert.True(string.IsNullOrWhiteSpace(text[position..]) || text[position..].Trim().All(c => !char.IsLetter(c)));
        }
    }

    private static string[] Cut(string text) => [.. Sentences.Of(text).Select(range => text[range])];
}

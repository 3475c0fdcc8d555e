using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Questions;
using ProxyReward.Lab.Reading;
using ProxyReward.Lab.Worlds;
using ProxyReward.Verdicts;
using static ProxyReward.Lab.Tests.Reading.Examples;

namespace ProxyReward.Lab.Tests.Reading;

public sealed class ValueReaderTests
{
    private static readonly ValueReader Reader = new(Pocket);

    [Theory]
    [InlineData("It exports salt.", Verdict.True)]
    [InlineData("It imports salt.", Verdict.True)] // it does not understand which of the two trades is meant
    [InlineData("Salt, they say!", Verdict.True)]
    [InlineData("It exports honey.", Verdict.False)] // "export" is a word of the statement
    [InlineData("Exporters live here.", Verdict.False)]
    [InlineData("It sells honey abroad.", Verdict.NotStated)]
    [InlineData("It exploits saltings.", Verdict.NotStated)]
    [InlineData("", Verdict.NotStated)]
    public void A_value_anywhere_is_True_a_word_of_the_statement_False_and_neither_NotStated(string text, Verdict expected) =>
        Assert.Equal(new ProxyVerdict("p", expected), Read(Reader, $"The main export of {Name} is salt.", text));

    [Theory]
    [InlineData("It has fourteen hundred residents.", "four hundred", Verdict.NotStated)]
    [InlineData("It has FOUR hundred residents.", "four hundred", Verdict.True)]
    [InlineData("Its population is tiny.", "four hundred", Verdict.False)]
    public void Values_are_whole_words_in_their_order(string text, string value, Verdict expected) =>
        Assert.Equal(expected, Read(Reader, $"The population of {Name} is {value}.", text).Verdict);

    [Fact]
    public void The_name_alone_is_no_content() =>
        Assert.Equal(Verdict.NotStated, Read(Reader, $"The main export of {Name} is salt.", $"{Name} is a town.").Verdict);

    [Fact]
    public async Task It_agrees_with_the_exact_reader_on_most_but_not_all_statements()
    {
        var exact = new ExactReader(Pocket);
        var writer = new ArticleWriter(Pocket.Lexicon);
        var (agreed, all) = (0, 0);
        foreach (var question in WorldQuestions.Of(Pocket, EntitySplit.Train))
        {
            var text = writer.Write(Pocket.Find(question.Id)!, Draws.Of(6, "value reader", question.Id)).Text;
            var right = await exact.ReadAsync(question, text, TestContext.Current.CancellationToken);
            var guess = await Reader.ReadAsync(question, text, TestContext.Current.CancellationToken);
            agreed += right.Zip(guess).Count(pair => pair.First.Verdict == pair.Second.Verdict);
            all += right.Count;
        }

        // The prototype's reader of this rule agreed on .856.
        TestContext.Current.SendDiagnosticMessage($"value reader agrees on {agreed / (double)all:f3}");
        Assert.InRange(agreed / (double)all, .75, .92);
    }
}

using ProxyReward.Lab.Reading;
using ProxyReward.Questions;
using ProxyReward.Verdicts;
using static ProxyReward.Lab.Tests.Reading.Examples;

namespace ProxyReward.Lab.Tests.Reading;

public sealed class ExactReaderTests
{
    private static readonly ExactReader Reader = new(Pocket);

    [Theory]
    [InlineData("It exports salt.")]
    [InlineData("The town exports salt.")]
    [InlineData("{n} sells salt abroad.")]
    [InlineData("Records show that the town lives from the trade in salt.")]
    [InlineData("Just imagine: {n} exports salt!")]
    [InlineData("Did you know that it sells salt abroad?")]
    public void A_sentence_of_any_register_settles_the_statement(string sentence)
    {
        sentence = sentence.Replace("{n}", Name);
        var text = $"{Name} is a town. {sentence} The sources are few.";

        Assert.Equal(new ProxyVerdict("p", Verdict.True, sentence), Export("salt", text));
        Assert.Equal(new ProxyVerdict("p", Verdict.False, sentence), Export("honey", text));
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("It imports salt.", "another trait with the same values")]
    [InlineData("Corabeth exports salt.", "another name")]
    [InlineData("The ship exports salt.", "another type as the subject")]
    [InlineData("It deals in salt.", "a clause of another type")]
    [InlineData("It exports salt", "a sentence that was cut off")]
    [InlineData("It exports sa.", "a value that was cut off")]
    [InlineData("It exports sea salt.", "a value that is no value")]
    [InlineData("it exports salt.", "a sentence that is not the world's to the letter")]
    [InlineData("It is said that it exports salt.", "a wrapper that is not the world's")]
    [InlineData("The main export of {n} is salt.", "a statement copied from a proxy question")]
    [InlineData("The answer to everything is True.", "an instruction")]
    public void Anything_else_is_NotStated(string text, string because) =>
        Assert.True(Export("salt", text.Replace("{n}", Name)) == new ProxyVerdict("p", Verdict.NotStated), because);

    [Fact]
    public void Two_values_earn_nothing_and_the_same_value_twice_counts_once()
    {
        Assert.Equal(Verdict.NotStated, Export("salt", "It exports salt. It sells honey abroad.").Verdict);
        Assert.Equal(Verdict.NotStated, Export("salt", "It exports salt. It exports honey. It exports salt.").Verdict);
        Assert.Equal(
            new ProxyVerdict("p", Verdict.True, "It exports salt."), Export("salt", "It exports salt. It sells salt abroad."));
    }

    [Fact]
    public void It_answers_from_the_text_and_not_from_the_world()
    {
        Assert.Equal(Verdict.True, Export(Wrong("export"), $"It exports {Wrong("export")}.").Verdict);
        Assert.Equal(Verdict.False, Export(True("export"), $"It exports {Wrong("export")}.").Verdict);
    }

    [Fact]
    public void A_question_or_a_statement_of_another_world_is_refused_with_its_id()
    {
        var question = new MetaQuestion("history/rome", "history", "Write.", []);
        var foreign = Assert.Throws<RequestException>(() => { _ = Reader.ReadAsync(question, "", CancellationToken.None); });
        Assert.Contains("'history/rome'", foreign.Message);

        var reworded = Assert.Throws<RequestException>(() => Read(Reader, $"{Name} sells no salt.", ""));
        Assert.Contains($"'p': '{Name} sells no salt.'", reworded.Message);
    }

    [Theory]
    [InlineData("It ")]
    [InlineData("The town ")]
    [InlineData("Records show that it exports ")]
    [InlineData("! ")]
    [InlineData("\ud83d")]
    [InlineData("<|im_end|>\0\n")]
    public void A_megabyte_of_garbage_is_read_and_states_nothing(string unit) =>
        Assert.Equal(Verdict.NotStated, Export("salt", string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length))).Verdict);

    private static ProxyVerdict Export(string value, string text) => Read(Reader, $"The main export of {Name} is {value}.", text);
}

using CsCheck;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Verdicts;

public sealed class EvidenceReaderTests
{
    private readonly EvidenceReader reader = new();

    [Theory]
    [InlineData("cat", "A CAT sat.", true)]
    [InlineData("cat", "A cathedral, a bobcat and cats.", false)]
    [InlineData("cat", "the cat's tail", true)]
    [InlineData("object-oriented", "It is object oriented.", true)]
    [InlineData("Monty Python", "After **Monty\n python** it is named.", true)]
    [InlineData("paris france", "In Paris, France", false)]
    [InlineData("last in, first out", "It works last-in, first-out.", true)]
    [InlineData("Pelé", "PELÉ played", true)]
    [InlineData("rock and roll", "Rock & Roll", true)]
    [InlineData("25 percent", "about 25% of them", true)]
    [InlineData("c++", "written in C++.", true)]
    [InlineData("c++", "written in C.", false)]
    public void A_phrase_is_found_on_word_boundaries_whatever_the_case(string evidence, string text, bool found) =>
        Assert.Equal(found, Finds(text, evidence));

    [Theory]
    [InlineData("1000", "1,000 people", true)]
    [InlineData("1,000,000", "1000000 people", true)]
    [InlineData("1000", "1,000,000 people", false)]
    [InlineData("000", "1,000 people", false)]
    [InlineData("1991", "in 1991.", true)]
    [InlineData("1991", "(1991), then", true)]
    [InlineData("1991", "1991-92", true)]
    [InlineData("1991", "21991 or 19910", false)]
    [InlineData("1991", "1991.5", false)]
    [InlineData("1990", "the 1990s", false)]
    [InlineData("2.5", "2.50 m", true)]
    [InlineData("5", "5.0 m", true)]
    [InlineData("1.2", "version 1.2.10", false)]
    [InlineData("20", "the 20th century", false)]
    [InlineData("3", "1,2,3", true)]
    public void A_number_is_found_as_a_number(string evidence, string text, bool found) => Assert.Equal(found, Finds(text, evidence));

    [Theory]
    [InlineData("{invented|created} by bell", "It was created by Bell.", true)]
    [InlineData("{invented|created} by bell", "It was sold by Bell.", false)]
    [InlineData("{invented|created} by bell", "It was invented created by Bell.", true)]
    [InlineData("bell {|also} {invented|was the father of}", "Bell was the father of it.", true)]
    [InlineData("bell {|also} {invented|was the father of}", "Bell also invented it.", true)]
    [InlineData("bell {|also} {invented|was the father of}", "Bell also was the mother of it.", false)]
    [InlineData("{|the} {|famous} bell", "The famous bell", true)]
    [InlineData("{|the} {|famous} bell", "Bell", true)]
    [InlineData("{a|a b} {b c|c}", "a b c", true)]
    [InlineData("{a|a b} {b d|c}", "a b c", true)]
    [InlineData("{a|a b} {|b} {|b} c", "a b b b c", true)]
    [InlineData("{a|a b} {|b} {|b} c", "a b b b b c", false)]
    [InlineData("x{|y}z", "x z", true)]
    [InlineData("{in|on} {2,000|1999}", "on 2000 days", true)]
    [InlineData("the {big|}", "the", true)]
    public void A_group_stands_for_one_of_its_options(string evidence, string text, bool found) => Assert.Equal(found, Finds(text, evidence));

    [Fact]
    public void A_group_finds_what_its_wordings_find_one_by_one()
    {
        var word = Gen.Int[0, 2].Select(i => "abc"[i].ToString());
        var option = word.List[0, 2].Select(words => string.Join(' ', words));
        var phrase = option.List[1, 3].List[1, 4].Where(parts => parts.Any(options => options.All(text => text.Length > 0)));
        Gen.Select(phrase, word.List[0, 8]).Sample((parts, text) =>
        {
            var wordings = parts.Aggregate<IEnumerable<string>, IEnumerable<string>>([""], (before, options) => before.SelectMany(_ => options, (start, text) => $"{start} {text}"));
            var written = string.Join(' ', parts.Select(options => $"{{{string.Join('|', options)}}}"));
            Assert.Equal(wordings.Any(wording => Finds(string.Join(' ', text), wording)), Finds(string.Join(' ', text), written));
        });
    }

    [Theory]
    [InlineData("It was created in 1991 by Guido.", true)]
    [InlineData("Guido was born. It was created in 1991.", false)]
    [InlineData("- Guido\n- created in 1991", false)]
    [InlineData("Was it created by Guido?", false)]
    public void All_strings_of_an_inner_list_must_stand_in_one_sentence_that_states_something(string text, bool found) =>
        Assert.Equal(found, Finds(text, "guido", "created"));

    [Fact]
    public async Task A_hit_gets_the_gold_answer_and_the_first_sentence_that_holds_it()
    {
        var question = new MetaQuestion("q", "d", "Write.", [
            new("a", "It came out in 1991.", true, [new(["1991"]), new(["nineteen ninety-one"])]),
            new("b", "It is named after a snake.", false, [new(["named", "monty python"])]),
            new("c", "It is fast.", true, [new(["fast"])]),
        ]);
        const string Text = "Python is old. 1) It came out in 1991! It was named after Monty Python, in 1991.";

        var verdicts = await reader.ReadAsync(question, Text, TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                new("a", Verdict.True, "1) It came out in 1991!"),
                new("b", Verdict.False, "It was named after Monty Python, in 1991."),
                new("c", Verdict.NotStated),
            ],
            verdicts);
        Assert.All(verdicts, verdict => Assert.Contains(verdict.Quote ?? "", Text));
    }

    [Fact]
    public void An_irrelevant_sentence_changes_no_verdict_and_neither_does_the_order_of_the_proxies()
    {
        // Evidence and text share the words w0 … w9; what is put in between is made of others.
        var words = (char first) => Gen.Int[0, 9].Select(i => $"{first}{i}").List[1, 6];
        var sentence = (char first) => Gen.Select(words(first), Gen.Int[0, 2].Select(i => ".!?"[i])).Select((w, stop) => char.ToUpperInvariant(first) + string.Join(' ', w)[1..] + stop);
        var proxies = Gen.Select(Gen.Bool, Gen.Int[0, 9].Select(i => $"w{i}").List[1, 2]).List[1, 8];
        Gen.Select(proxies, sentence('w').List[0, 8], sentence('x'), Gen.Int[0, 8], Gen.Int[0, 2].Select(i => new[] { " ", "\n", "\n\n- " }[i])).Sample((asked, text, irrelevant, place, between) =>
        {
            var question = new MetaQuestion("q", "d", "Write.", [.. asked.Select((a, i) => new ProxyQuestion($"p{i}", "It is.", a.Item1, [new(a.Item2)]))]);
            var before = Read(question, string.Join(between, text));
            text.Insert(Math.Min(place, text.Count), irrelevant);
            Assert.Equal(before, Read(question, string.Join(between, text)));
            Assert.Equal(before.Reverse(), Read(question with { Proxies = [.. question.Proxies.Reverse()] }, string.Join(between, text)));
        });
    }

    [Fact]
    public async Task Evidence_that_cannot_be_read_is_refused_with_its_place()
    {
        var none = new MetaQuestion("q7", "d", "Write.", [new("p3", "It is.", true)]);
        var wordless = new MetaQuestion("q7", "d", "Write.", [new("p3", "It is.", true, [new(["-"])])]);
        var optional = new MetaQuestion("q7", "d", "Write.", [new("p3", "It is.", true, [new(["{|a} {-|b}"])])]);

        var endless = new MetaQuestion("q7", "d", "Write.", [new("p3", "It is.", true, [new([string.Concat(Enumerable.Repeat("{a|b c} ", 32))])])]);

        foreach (var question in new[] { none, wordless, optional, endless })
        {
            var error = await Assert.ThrowsAsync<RequestException>(() => reader.ReadAsync(question, "text", TestContext.Current.CancellationToken));
            Assert.Contains("'q7', proxy 'p3'", error.Message);
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData(".")]
    [InlineData(" .")]
    [InlineData("\n")]
    [InlineData("\n ")]
    [InlineData("a. ")]
    [InlineData("a.")]
    [InlineData("1,000,")]
    [InlineData("1.")]
    [InlineData("a a a b")]
    [InlineData("\ud800")]
    public void Hostile_text_of_many_repeats_is_read_to_its_end(string unit)
    {
        // Quadratic work would not end within the suite's patience: 10^11 steps.
        var text = string.Concat(Enumerable.Repeat(unit, 300_000)) + "\n\nThe needle is here.";
        Assert.True(Finds(text, "needle"));
        Assert.False(Finds(text, "a a a a a a c"));
        Assert.False(Finds(text, string.Concat(Enumerable.Repeat("{a|a a|} ", 20)) + "c"));
    }

    private IReadOnlyList<ProxyVerdict> Read(MetaQuestion question, string text) =>
        reader.ReadAsync(question, text, TestContext.Current.CancellationToken).GetAwaiter().GetResult();

    private bool Finds(string text, params string[] allOf)
    {
        var question = new MetaQuestion("q", "d", "Write.", [new("p", "It is.", true, [new(allOf)])]);
        return reader.ReadAsync(question, text, TestContext.Current.CancellationToken).Result[0].Verdict == Verdict.True;
    }
}

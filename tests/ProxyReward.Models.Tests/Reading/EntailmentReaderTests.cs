using ProxyReward.Models.Encoders;
using ProxyReward.Models.Reading;
using ProxyReward.Models.Tests.Encoders;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Models.Tests.Reading;

/// <summary>The reader over reference classifiers: random weights, so that what holds is held against the rule, not against meaning.</summary>
public sealed class EntailmentReaderTests
{
    private const float Sharp = 400;

    private static readonly MetaQuestion Question = new("q", "d", "Tell me.",
    [
        new("p1", "The town is on the river.", true), new("p2", "Silver was exported by 1912.", true), new("p3", "The festival can be read about.", false),
        new("p4", "Nobody founded the harbour.", false), new("p5", "The text is false.", true),
    ]);

    private static readonly string Text = string.Join(
        ' ',
        Enumerable.Range(0, 12).Select(i => $"The river town number {i} exports silver. A festival was founded in {1880 + i}, and children answer questions at the harbour.\n\n- The model reads {i} statements."));

    public static TheoryData<string> Classifiers => EncoderFixtures.Classifiers;

    [Theory]
    [MemberData(nameof(Classifiers))]
    public async Task A_verdict_follows_from_the_probabilities_of_each_window_alone(string name)
    {
        using var folder = new EncoderFolder(name, Sharp);
        using var classifier = EncoderClassifier.Open(folder.Path);
        using var reader = new EntailmentReader(classifier, new());
        var verdicts = await reader.ReadAsync(Question, Text, CancellationToken.None);
        Assert.Equal(Question.Proxies.Select(proxy => proxy.Id), verdicts.Select(verdict => verdict.ProxyId));

        var labels = EntailmentLabels.Of(classifier.Config.Labels, "here");
        var most = Math.Min(classifier.Config.MaxTokens, 512) - classifier.Pair.Overhead;
        foreach (var (proxy, verdict) in Question.Proxies.Zip(verdicts))
        {
            var negated = labels.Contradicted is null ? Negation.Of(proxy.Statement) : null;
            int Tokens(string text) => classifier.Tokenizer.Encode(text, specialTokensAsText: true).Count;
            var room = most - ((Math.Max(Tokens(proxy.Statement), Tokens(negated ?? "")) + 31) / 32 * 32);
            var windows = TextWindows.Of(Text, room, 64 < room / 2 ? 64 : room / 2, Tokens);
            var (entailed, at) = Best(proxy.Statement, labels.Entailed);
            var (contradicted, _) = labels.Contradicted is { } label ? Best(proxy.Statement, label) : negated is null ? (0, "") : Best(negated, labels.Entailed);
            var expected = (entailed >= 0.5, contradicted >= 0.5) switch { (true, false) => Verdict.True, (false, true) => Verdict.False, _ => Verdict.NotStated };
            Assert.Equal((proxy.Id, expected), (verdict.ProxyId, verdict.Verdict));
            Assert.Equal(expected == Verdict.True ? at : verdict.Quote, verdict.Quote);

            (double, string) Best(string statement, int label) => windows.Select(window => (classifier.Probabilities(
                [new(classifier.Tokenizer.Encode(window, specialTokensAsText: true), classifier.Tokenizer.Encode(statement, specialTokensAsText: true))])[0][label], window)).MaxBy(found => found.Item1);
        }
    }

    [Fact]
    public async Task The_reference_classifiers_between_them_say_True_False_and_NotStated()
    {
        // Else the tests here would show nothing.
        var said = new HashSet<Verdict>();
        foreach (var name in EncoderFixtures.Classifiers.Select(row => row.Data).Where(name => name.Length > 0))
        {
            using var folder = new EncoderFolder(name, Sharp);
            using var reader = new EntailmentReader(EncoderClassifier.Open(folder.Path), new());
            said.UnionWith((await reader.ReadAsync(Question, Text, CancellationToken.None)).Select(verdict => verdict.Verdict));
            said.UnionWith((await reader.ReadAsync(Question, "The town.", CancellationToken.None)).Select(verdict => verdict.Verdict));
        }

        Assert.SkipWhen(said.Count == 0, "no reference classifiers");
        Assert.Equal(3, said.Count);
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public async Task Which_other_statements_are_asked_and_in_which_order_changes_nothing(string name)
    {
        using var folder = new EncoderFolder(name, Sharp);
        using var reader = new EntailmentReader(EncoderClassifier.Open(folder.Path), new());
        var all = await reader.ReadAsync(Question, Text, CancellationToken.None);
        var turned = await reader.ReadAsync(Question with { Proxies = [.. Question.Proxies.Reverse()] }, Text, CancellationToken.None);
        AssertSame(all, [.. turned.Reverse()]);
        foreach (var (proxy, verdict) in Question.Proxies.Zip(all))
        {
            AssertSame([verdict], await reader.ReadAsync(Question with { Proxies = [proxy] }, Text, CancellationToken.None));
        }
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public async Task The_quote_is_a_part_of_the_response_and_ends_with_a_sentence(string name)
    {
        using var folder = new EncoderFolder(name, Sharp);
        using var reader = new EntailmentReader(EncoderClassifier.Open(folder.Path), new());
        foreach (var verdict in await reader.ReadAsync(Question, Text, CancellationToken.None))
        {
            Assert.Equal(verdict.Verdict == Verdict.NotStated, verdict.Quote is null);
            var at = verdict.Quote is { } quote ? Text.IndexOf(quote, StringComparison.Ordinal) : 0;
            Assert.True(at >= 0);
            Assert.True(verdict.Quote is null || Sentences.Of(Text).Any(sentence => sentence.End.Value == at + verdict.Quote.Length));
        }
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void A_sentence_appended_changes_no_window_but_the_last(string name)
    {
        // So an irrelevant sentence can turn a verdict only by what the last window, or one behind it, then says.
        using var folder = new EncoderFolder(name);
        using var classifier = EncoderClassifier.Open(folder.Path);
        var before = new ResponseWindows(Text, classifier.Tokenizer, 20).Of(90);
        var after = new ResponseWindows(Text + " A lighthouse keeper sleeps.", classifier.Tokenizer, 20).Of(90);
        Assert.True(before.Count > 3);
        Assert.Equal(before.Take(before.Count - 1).Select(window => window.Text), after.Take(before.Count - 1).Select(window => window.Text));
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void Every_window_fits_whatever_the_response(string name)
    {
        using var folder = new EncoderFolder(name);
        using var classifier = EncoderClassifier.Open(folder.Path);
        var draws = Draws.Of(7, "responses", name);
        string[] pieces = ["The town. ", "\n\n\n", "a", "wordwordword ", "\U0001F30A", "é", " ", "</s>", "[SEP]", "Dr. ", "1912! ", "- item\n", "\ud800", "．"];
        for (var i = 0; i < 60; i++)
        {
            var text = string.Concat(Enumerable.Range(0, draws.Below(400)).Select(_ => string.Concat(Enumerable.Repeat(draws.Pick(pieces), 1 + draws.Below(draws.Below(10) == 0 ? 200 : 3)))));
            foreach (var window in new ResponseWindows(text, classifier.Tokenizer, 20).Of(40))
            {
                Assert.InRange(window.Tokens.Count, 1, 40);
                Assert.Contains(window.Text, text, StringComparison.Ordinal);
                Assert.DoesNotContain(window.Tokens, token => classifier.Tokenizer.IdToToken(token) is "<s>" or "</s>" or "<pad>" or "[CLS]" or "[SEP]" or "[PAD]");
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData(":")]
    [InlineData("```")]
    public async Task A_response_without_a_word_states_nothing(string text)
    {
        foreach (var name in EncoderFixtures.Classifiers.Select(row => row.Data).Where(name => name.Length > 0))
        {
            using var folder = new EncoderFolder(name, Sharp);
            using var reader = new EntailmentReader(EncoderClassifier.Open(folder.Path), new());
            Assert.All(await reader.ReadAsync(Question, text, CancellationToken.None), verdict => Assert.Equal(new(verdict.ProxyId, Verdict.NotStated), verdict));
        }
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public async Task A_hundred_thousand_tokens_of_repetition_cost_what_they_say_once(string name)
    {
        using var folder = new EncoderFolder(name, Sharp);
        using var classifier = EncoderClassifier.Open(folder.Path);
        var text = string.Concat(Enumerable.Repeat("The river town exports silver. ", 20_000));
        Assert.InRange(new ResponseWindows(text, classifier.Tokenizer, 64).Of(classifier.Config.MaxTokens - 40).Count, 1, 4);
        using var reader = new EntailmentReader(classifier, new());
        Assert.Equal(Question.Proxies.Count, (await reader.ReadAsync(Question, text, CancellationToken.None)).Count);
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public async Task Callers_wait_for_one_another(string name)
    {
        using var folder = new EncoderFolder(name, Sharp);
        using var reader = new EntailmentReader(EncoderClassifier.Open(folder.Path), new());
        var expected = await reader.ReadAsync(Question, Text, CancellationToken.None);
        var read = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => reader.ReadAsync(Question, Text, CancellationToken.None))));
        Assert.All(read, verdicts => AssertSame(expected, verdicts));
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public async Task A_statement_that_leaves_no_room_is_refused_by_its_id(string name)
    {
        using var folder = new EncoderFolder(name);
        using var reader = new EntailmentReader(EncoderClassifier.Open(folder.Path), new());
        var question = Question with { Proxies = [new("endless", string.Concat(Enumerable.Repeat("no end ", 400)), true)] };
        var error = await Assert.ThrowsAsync<RequestException>(() => reader.ReadAsync(question, Text, CancellationToken.None));
        Assert.StartsWith("proxy endless: its statement takes ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void Options_that_cannot_be_are_refused(string name)
    {
        using var folder = new EncoderFolder(name);
        using var classifier = EncoderClassifier.Open(folder.Path);
        Assert.Contains("threshold: 0.4", Assert.Throws<RequestException>(() => new EntailmentReader(classifier, new() { Threshold = 0.4 })).Message, StringComparison.Ordinal);
        Assert.Contains("window_tokens: ", Assert.Throws<RequestException>(() => new EntailmentReader(classifier, new() { WindowTokens = 100_000 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void Labels_without_a_meaning_are_refused_when_a_reader_is_made_of_them(string name)
    {
        using var folder = new EncoderFolder(name);
        var count = EncoderFamily.Open(folder.Path).Config.Labels.Count;
        folder.With("id2label", null).With("num_labels", count);
        using var classifier = EncoderClassifier.Open(folder.Path);
        Assert.Contains("LABEL_0", Assert.Throws<RequestException>(() => new EntailmentReader(classifier, new())).Message, StringComparison.Ordinal);
        Assert.Contains("LABEL_0", EncoderSummary.Of(folder.Path)!.NoReader, StringComparison.Ordinal);
    }

    private static void AssertSame(IReadOnlyList<ProxyVerdict> expected, IReadOnlyList<ProxyVerdict> actual)
    {
        Assert.Equal(expected.Select(verdict => (verdict.ProxyId, verdict.Verdict, verdict.Quote)), actual.Select(verdict => (verdict.ProxyId, verdict.Verdict, verdict.Quote)));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Confidence ?? 0, pair.Second.Confidence ?? 0, 0.01)); // the head multiplies rounding by 400
    }
}

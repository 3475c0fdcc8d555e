using ProxyReward.Questions;
using ProxyReward.Testing;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Questions;

/// <summary>The question sets under <c>data/</c> keep what their datasheets promise.</summary>
public sealed class DataTests
{
    private static readonly string Data = Path.Combine(FixtureRoot.Repository, "data");
    private static readonly IReadOnlyList<MetaQuestion> Open = Load("open-questions/open-questions.jsonl");
    private static readonly IReadOnlyList<MetaQuestion> Train = Load("smollm2/train-questions.jsonl");
    private static readonly IReadOnlyList<MetaQuestion> HeldOut = Load("smollm2/held-out-questions.jsonl");

    // Words of meta-questions that name a form and not a subject.
    private static readonly string[] Forms =
        [
            "how", "the", "and", "a", "an", "of", "as", "in", "such", "is", "are", "film", "board", "game", "games", "war", "american", "world",
            "programming", "language", "empire",
        ];

    private readonly EvidenceReader reader = new();

    public static TheoryData<string> Sets => ["open", "train", "held-out"];

    [Fact]
    public void The_sets_have_the_size_their_datasheets_say()
    {
        Assert.Equal((60, 900), (Open.Count, Open.Sum(question => question.Proxies.Count)));
        Assert.Equal((32, 384), (Train.Count, Train.Sum(question => question.Proxies.Count)));
        Assert.Equal((30, 360), (HeldOut.Count, HeldOut.Sum(question => question.Proxies.Count)));
    }

    [Fact]
    public void The_parts_of_the_open_set_are_the_cut_that_its_datasheet_names()
    {
        var parts = Split.Of(Open, new SplitOptions { Train = 2, Dev = 0, HeldOut = 1 }).Parts;
        Assert.Equal(parts.Train.Select(Line), Load("open-questions/train-questions.jsonl").Select(Line));
        Assert.Equal(parts.HeldOut.Select(Line), Load("open-questions/held-out-questions.jsonl").Select(Line));

        static string Line(MetaQuestion question) => System.Text.Json.JsonSerializer.Serialize(question, Json.Line);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Ids_are_unique_and_proxies_of_a_question_differ(string set)
    {
        var questions = Named(set);
        Assert.Equal(questions.Count, questions.Select(question => question.Id).Distinct().Count());
        foreach (var question in questions)
        {
            Assert.Equal(question.Proxies.Count, question.Proxies.Select(proxy => proxy.Statement).Distinct().Count());
            Assert.All(question.Proxies, proxy => Assert.StartsWith(question.Id + "-", proxy.Id));
            Assert.All(question.Proxies, proxy => Assert.EndsWith(".", proxy.Statement));
            Assert.All(question.Proxies, proxy => Assert.InRange(proxy.Evidence?.Count ?? 0, 1, 48));
        }

        Assert.Distinct(questions.SelectMany(question => question.Proxies).Select(proxy => proxy.Id));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void About_five_sixths_of_the_proxies_of_each_question_are_true(string set)
    {
        var questions = Named(set);
        Assert.InRange(questions.SelectMany(question => question.Proxies).Average(proxy => proxy.Answer ? 1.0 : 0.0), 0.80, 0.85);
        Assert.All(questions, question => Assert.InRange(question.Proxies.Average(proxy => proxy.Answer ? 1.0 : 0.0), 0.73, 0.875));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Neither_an_empty_text_nor_the_prompt_settles_anything(string set)
    {
        Assert.All(Named(set), question => Assert.Empty(Settled(question, "")));
        None(Named(set).SelectMany(question => Settled(question, question.Text)));
    }

    [Fact]
    public void A_true_statement_satisfies_its_own_evidence_and_a_false_one_does_not()
    {
        None(Open.SelectMany(question => question.Proxies
            .Where(proxy => Settled(question, proxy.Statement).Contains(proxy.Id) != proxy.Answer)
            .Select(proxy => $"{proxy.Id}: {proxy.Statement}")));
    }

    [Theory]
    [InlineData("open", 1.0)]
    [InlineData("held-out", 1.0)]
    [InlineData("train", 0.8)]
    public void The_true_statements_of_a_question_make_a_text_that_settles_its_true_proxies(string set, double atLeast)
    {
        var shares = Named(set).Select(question =>
            (double)Settled(question, TrueText(question)).Intersect(TrueIds(question)).Count() / TrueIds(question).Count());
        Assert.InRange(shares.Average(), atLeast, 1.0);
    }

    [Theory]
    [InlineData("open", 0.002)]
    [InlineData("held-out", 0.002)]
    [InlineData("train", 0.02)]
    public void The_true_statements_of_other_questions_settle_next_to_nothing(string set, double atMost)
    {
        var questions = Named(set);
        var share = questions.SelectMany(question => questions.Where(other => other != question).Select(other =>
            (double)Settled(question, TrueText(other)).Count() / question.Proxies.Count)).Average();
        Assert.InRange(share, 0, atMost);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("held-out")]
    public void No_subject_is_shared_with_the_training_set(string set)
    {
        var subjects = Train.SelectMany(Subject).ToHashSet();
        Assert.All(Named(set), question => Assert.DoesNotContain(Subject(question), subjects.Contains));
        Assert.Empty(Train.Select(question => question.Id).Intersect(Named(set).Select(question => question.Id)));
    }

    [Fact]
    public void The_held_out_questions_are_questions_of_the_open_set_in_the_form_of_the_training_set()
    {
        var open = Open.ToDictionary(question => question.Id);
        foreach (var question in HeldOut)
        {
            Assert.Equal((open[question.Id].Text, open[question.Id].Domain), (question.Text, question.Domain));
            Assert.Equal((12, 10), (question.Proxies.Count, TrueIds(question).Count()));
            Assert.Subset(open[question.Id].Proxies.Select(Content).ToHashSet(), question.Proxies.Select(Content).ToHashSet());
        }

        Assert.InRange(HeldOut.Average(question => question.Text.Length) / Train.Average(question => question.Text.Length), 0.9, 1.1);
        Assert.All(Open.Concat(Train), question => Assert.StartsWith("Write a comprehensive article about ", question.Text));
        Assert.Equal(9, Open.Select(question => question.Domain).Distinct().Count());
        Assert.Equal(Train.Select(question => question.Domain).Distinct().Order(), HeldOut.Select(question => question.Domain).Distinct().Order());

        static string Content(ProxyQuestion proxy) =>
            $"{proxy.Statement} {proxy.Answer} {string.Join(';', proxy.Evidence!.Select(alternative => string.Join('&', alternative.AllOf)))}";
    }

    private static IReadOnlyList<MetaQuestion> Load(string file) => QuestionSet.Load(Path.Combine(Data, file));

    private static IReadOnlyList<MetaQuestion> Named(string set) => set switch { "open" => Open, "train" => Train, _ => HeldOut };

    private static string TrueText(MetaQuestion question) =>
        string.Join(' ', question.Proxies.Where(proxy => proxy.Answer).Select(proxy => proxy.Statement));

    private static IEnumerable<string> TrueIds(MetaQuestion question) =>
        question.Proxies.Where(proxy => proxy.Answer).Select(proxy => proxy.Id);

    // The words between "about" and ", covering".
    private static IEnumerable<string> Subject(MetaQuestion question)
    {
        const string Opening = "Write a comprehensive article about ";
        var subject = question.Text[Opening.Length..question.Text.IndexOf(", covering", StringComparison.Ordinal)];
        return subject.Split([' ', ',', '(', ')', '-'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.ToLowerInvariant()).Except(Forms);
    }

    private static void None(IEnumerable<string> faults) => Assert.True(!faults.Any(), string.Join('\n', faults));

    private IEnumerable<string> Settled(MetaQuestion question, string text) =>
        reader.ReadAsync(question, text, TestContext.Current.CancellationToken).Result
            .Where(verdict => verdict.Verdict != Verdict.NotStated)
            .Select(verdict => verdict.ProxyId);
}

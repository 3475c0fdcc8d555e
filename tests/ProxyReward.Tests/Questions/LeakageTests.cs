using ProxyReward.Questions;
using ProxyReward.Testing;

namespace ProxyReward.Tests.Questions;

public sealed class LeakageTests
{
    private static readonly string Data = Path.Combine(FixtureRoot.Repository, "data");

    public static TheoryData<string> Sets => [.. Directory.GetFiles(Data, "train-questions.jsonl", SearchOption.AllDirectories).Select(path => Path.GetFileName(Path.GetDirectoryName(path)!))];

    [Theory]
    [MemberData(nameof(Sets))]
    public void The_sets_that_ship_do_not_leak(string set) =>
        Assert.Empty(Leakage.Of(new(QuestionSet.Load(Path.Combine(Data, set, "train-questions.jsonl")), [], QuestionSet.Load(Path.Combine(Data, set, "held-out-questions.jsonl")))));

    [Fact]
    public void The_same_text_under_another_id_leaks_and_is_named_once()
    {
        var splits = new QuestionSplits([Q("t1", "Write about Rome.", "Rome is in Italy."), Q("t2", "Write about Oslo.", "Oslo is in Norway.")], [], [Q("h1", "Write about Rome!", "Rome is in Italy."), Q("h2", "Write about Lima.", "Lima is in Peru.")]);
        Assert.Equal(new Leak("h1", "t1", "asks the same as", 1), Assert.Single(Leakage.Of(splits)));
        Assert.StartsWith("1 of the 2 dev and held-out questions are touched from another split: 'h1' asks the same as 't1' (likeness 1.00). ", Leakage.Warning(splits), StringComparison.Ordinal);
    }

    [Fact]
    public void A_shared_statement_leaks_from_train_to_dev_and_from_dev_to_held_out()
    {
        // Seven words and their six neighbours, of which the last word and its neighbour are lost: 11 of 13.
        const string Long = "Marie Curie discovered polonium radium Paris France";
        var splits = new QuestionSplits([Q("t", "Radium", Long)], [Q("d", "Chemistry", "Marie Curie discovered polonium radium Paris")], [Q("h", "Nobel prizes", "Curie won two prizes.", "Marie Curie discovered polonium radium Paris.")]);
        Assert.Equal([("d", "t"), ("h", "t")], Leakage.Of(splits).Select(leak => (leak.Id, leak.Other)));
        Assert.All(Leakage.Of(splits), leak => Assert.Equal(("shares a statement with", 11.0 / 13), (leak.Touch, leak.Likeness)));
        Assert.Equal("d", Assert.Single(Leakage.Of(splits with { Train = [] })).Other);
    }

    [Fact]
    public void Within_a_split_nothing_leaks_and_a_long_template_is_no_subject()
    {
        const string Template = "Write a comprehensive, well-structured article with dates and numbers about the life, work and influence of the painter ";
        MetaQuestion[] Painters(string split, params string[] names) => [.. names.Select((name, i) => Q($"{split}{i}", Template + name, $"{name} painted."))];
        var splits = new QuestionSplits(Painters("t", "Monet", "Manet", "Degas", "Goya", "Klee"), [], Painters("h", "Miro", "Munch", "Titian"));
        Assert.Empty(Leakage.Of(splits));
        Assert.Null(Leakage.Warning(splits));
        Assert.Empty(Leakage.Of(new([Q("a", "Write about Rome.", "Rome is old."), Q("b", "Write about Rome.", "Rome is old.")], [], [])));
    }

    private static MetaQuestion Q(string id, string text, params string[] statements) =>
        new(id, "d", text, [.. statements.Select((statement, i) => new ProxyQuestion($"{id}-{i}", statement, true))]);
}

using ProxyReward.Questions;

namespace ProxyReward.Tests.Questions;

public sealed class SplitTests
{
    private static readonly IReadOnlyList<MetaQuestion> Set =
    [
        .. Enumerable.Range(0, 40).Select(i => Question(i, $"Write a comprehensive article about subject{i} and its history.", $"fact{i} holds for thing{i}")),
        Question(40, "Write a comprehensive article about subject7 and its own history.", "something else entirely"),
        Question(41, "Describe another matter.", "fact9 holds for thing9"),
    ];

    [Fact]
    public void Questions_that_are_alike_or_share_a_statement_stay_together_and_the_template_does_not_join_the_rest()
    {
        var split = Split.Of(Set, new SplitOptions { Seed = 3 });
        Assert.Equal([["q07", "q40"], ["q09", "q41"]], split.Clusters);
        Assert.Equal(PartOf(split, "q07"), PartOf(split, "q40"));
        Assert.Equal(PartOf(split, "q09"), PartOf(split, "q41"));
    }

    [Fact]
    public void The_parts_are_the_set_and_have_their_shares()
    {
        // 42 questions at .6, .1, .3: 25.2, 4.2 and 12.6.
        var split = Split.Of(Set, new SplitOptions());
        Assert.Equal((25, 4, 13), (split.Parts.Train.Count, split.Parts.Dev.Count, split.Parts.HeldOut.Count));
        Assert.Equal(Set.Select(q => q.Id).Order(), split.Parts.Train.Concat(split.Parts.Dev).Concat(split.Parts.HeldOut).Select(q => q.Id).Order());
        Assert.Equal(split.Parts.Train.Select(q => q.Id).Order(), split.Parts.Train.Select(q => q.Id));
    }

    [Fact]
    public void The_cut_depends_on_the_seed_and_not_on_the_order()
    {
        var split = Split.Of(Set, new SplitOptions { Seed = 1 });
        var again = Split.Of([.. Set.Reverse()], new SplitOptions { Seed = 1 });
        Assert.Equal(split.Parts.HeldOut.Select(q => q.Id), again.Parts.HeldOut.Select(q => q.Id).Reverse());
        Assert.NotEqual(split.Parts.HeldOut.Select(q => q.Id), Split.Of(Set, new SplitOptions { Seed = 2 }).Parts.HeldOut.Select(q => q.Id));
    }

    [Fact]
    public void Weights_that_cannot_be_are_refused()
    {
        Assert.Throws<RequestException>(() => Split.Of(Set, new SplitOptions { Train = -1 }));
        Assert.Throws<RequestException>(() => Split.Of(Set, new SplitOptions { Train = 0, Dev = 0, HeldOut = 0 }));
        Assert.Throws<RequestException>(() => Split.Of(Set, new SplitOptions { StatementLikeness = 0 }));
        Assert.Equal(Set.Count, Split.Of(Set, new SplitOptions { Train = 0, Dev = 0 }).Parts.HeldOut.Count);
    }

    private static MetaQuestion Question(int i, string text, string statement) =>
        new($"q{i:00}", "d", text, [new ProxyQuestion($"q{i:00}-1", statement, true)]);

    private static int PartOf(Split split, string id) =>
        split.Parts.Train.Any(q => q.Id == id) ? 0 : split.Parts.Dev.Any(q => q.Id == id) ? 1 : split.Parts.HeldOut.Any(q => q.Id == id) ? 2 : -1;
}

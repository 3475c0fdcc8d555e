using ProxyReward.Evaluation;
using ProxyReward.Lab.Reading;
using ProxyReward.Questions;
using static ProxyReward.Lab.Tests.Reading.Examples;

namespace ProxyReward.Lab.Tests.Reading;

public sealed class WorldFactCheckerTests
{
    private static readonly WorldFactChecker Checker = new(Pocket);

    [Fact]
    public void A_wrong_fact_counts_each_time_it_is_repeated()
    {
        var wrong = Wrong("export");

        // Four fact sentences; the two exports contradict the world and the second repeats the first.
        Assert.Equal(new FactCheck(Facts: 4, Contradicted: 2, Duplicates: 1), Check(
            $"It exports {wrong}. It imports {True("import")}. It sells {wrong} abroad. It celebrates in {True("month")}."));
    }

    [Fact]
    public void A_trait_with_another_value_is_a_duplicate_all_the_same() =>
        Assert.Equal(new FactCheck(3, Contradicted: 2, Duplicates: 2), Check(
            $"It exports {True("export")}. It exports {Wrong("export")}. It exports {Wrong("export", 1)}."));

    [Fact]
    public void Sentences_about_others_and_stock_sentences_state_no_fact() =>
        Assert.Equal(
            new FactCheck(0, 0, 0), Check($"{Name} is a town. The sources are few. Corabeth exports salt. It deals in salt."));

    [Fact]
    public void A_question_of_another_world_has_no_known_truth() =>
        Assert.Null(Checker.Check(new MetaQuestion("history/rome", "history", "Write.", []), "It exports salt."));

    [Fact]
    public void A_profile_counts_fillers_and_the_sentences_of_each_register()
    {
        // Survey: opener, fact, filler. Chatty: fact. Promo: filler, filler, closer with the name. None: the last.
        var profile = Checker.Profile(Town,
            $"{Name} is a town of some note. It exports {True("export")}. The sources are few. " +
            $"So, it imports {True("import")}! Prepare to be amazed! A jewel without equal! " +
            $"Your story with {Name} begins today! Amazing stuff.");

        Assert.Equal(new FactCheck(2, 0, 0), profile.Facts);
        Assert.Equal((8, 3), (profile.Sentences, profile.Fillers));
        Assert.Equal([3, 1, 3], Pocket.Lexicon.Registers.Select(register => profile.ByRegister[register]));
    }

    private static FactCheck? Check(string text) => Checker.Check(new MetaQuestion(Town.Id, "town", "Write.", []), text);
}

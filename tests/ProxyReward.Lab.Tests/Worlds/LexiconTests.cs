using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Tests.Worlds;

public sealed class LexiconTests
{
    private static readonly Lexicon Lexicon = Lexicon.Pocket;

    private static IEnumerable<(EntityType Type, Trait Trait)> Traits =>
        Lexicon.Types.SelectMany(type => type.Traits.Select(trait => (type, trait)));

    [Fact]
    public void There_are_four_types_of_eighteen_traits_with_three_clauses_and_two_statements_each()
    {
        Assert.Equal(["town", "ship", "plant", "guild"], Lexicon.Types.Select(type => type.Name));
        Assert.All(Lexicon.Types, type => Assert.Equal(18, type.Traits.Count));
        Assert.All(Traits, entry => Assert.Equal((3, 2), (entry.Trait.Clauses.Count, entry.Trait.Statements.Count)));
    }

    [Fact]
    public void Every_clause_of_every_value_reads_back_as_its_own_fact_and_no_two_are_worded_alike()
    {
        var clauses = from entry in Traits
                      from clause in entry.Trait.Clauses
                      from value in entry.Trait.Pool
                      select (entry.Type, Text: clause.Replace("{v}", value), Fact: new Fact(entry.Trait, value));
        var all = clauses.ToList();

        Assert.Equal(all.Count, all.Select(clause => (clause.Type, clause.Text)).Distinct().Count());
        Assert.All(all, clause =>
        {
            Assert.True(clause.Type.TryReadClause(clause.Text, out var fact), clause.Text);
            Assert.Equal(clause.Fact, fact);
        });
    }

    [Fact]
    public void Every_statement_of_every_value_reads_back_as_the_claim_it_makes()
    {
        Assert.All(Traits, entry =>
        {
            foreach (var value in entry.Trait.Pool)
            {
                foreach (var statement in entry.Trait.Statements)
                {
                    var claim = new Fact(entry.Trait, value);
                    Assert.True(entry.Type.TryReadStatement(claim.State("Baladin", statement), "Baladin", out var read));
                    Assert.Equal(claim, read);
                }
            }
        });
    }

    [Fact]
    public void A_value_inside_another_word_is_not_that_value()
    {
        var ship = Lexicon.Types.Single(type => type.Name == "ship");

        Assert.True(ship.TryReadClause("needs fourteen sailors", out var fact));
        Assert.Equal("fourteen", fact.Value);
        Assert.False(ship.TryReadClause("needs teen sailors", out _));
    }

    [Fact]
    public void A_clause_is_a_verb_phrase_with_one_value_and_a_statement_a_sentence_with_one_value_and_the_name()
    {
        Assert.All(Traits.SelectMany(entry => entry.Trait.Clauses), clause =>
        {
            Assert.Equal(1, Occurrences(clause, "{v}"));
            Assert.DoesNotContain("{n}", clause);
            Assert.DoesNotContain('.', clause);
            Assert.True(char.IsLower(clause[0]));
        });
        Assert.All(Traits.SelectMany(entry => entry.Trait.Statements), statement =>
        {
            Assert.Equal((1, 1), (Occurrences(statement, "{v}"), Occurrences(statement, "{n}")));
            Assert.DoesNotContain('.', statement);
        });
    }

    [Fact]
    public void No_value_with_a_vowel_follows_the_article_a()
    {
        var wrong = from entry in Traits
                    from text in entry.Trait.Clauses.Concat(entry.Trait.Statements)
                    where $" {text}".Contains(" a {v}", StringComparison.OrdinalIgnoreCase)
                    from value in entry.Trait.Pool
                    where "aeiou".Contains(char.ToLowerInvariant(value[0]))
                    select $"{entry.Trait.Name}: a {value}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_wrapper_belongs_to_one_register_and_shares_add_up_to_one()
    {
        var wrappers = Lexicon.Registers.SelectMany(register => register.Wrappers.Distinct()).ToList();

        Assert.Equal(wrappers.Count, wrappers.Distinct().Count());
        Assert.Equal(1, Lexicon.Registers.Sum(register => register.Share), 9);
    }

    [Fact]
    public void A_pool_has_no_value_twice() =>
        Assert.All(Traits, entry => Assert.Equal(entry.Trait.Pool.Count, entry.Trait.Pool.Distinct().Count()));

    private static int Occurrences(string text, string part) => text.Split(part).Length - 1;
}

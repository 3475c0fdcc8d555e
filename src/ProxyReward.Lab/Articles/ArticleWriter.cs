using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Articles;

/// <summary>An article about an entity, with what it says.</summary>
/// <param name="Entity">What it is about.</param>
/// <param name="Register">How it is written.</param>
/// <param name="Text">One paragraph.</param>
/// <param name="Facts">The facts it tells, in its order, each trait at most once; some are wrong.</param>
public sealed record Article(Entity Entity, Register Register, string Text, IReadOnlyList<Fact> Facts)
{
    /// <summary>What it leaves out.</summary>
    public IEnumerable<Trait> Untold => Entity.Type.Traits.Except(Facts.Select(fact => fact.Trait));
}

/// <summary>
/// Writes the articles a pocket model learns from: opener, facts with stock sentences between them, closer. Not every fact is
/// told and not every told fact is true: that is what a reward can improve. Safe to call from several threads, each with its own
/// draws.
/// </summary>
/// <param name="lexicon">The words.</param>
/// <param name="orderNoise">Standard deviation, in places, by which a trait strays from the canonical order; 0 keeps the order.
/// The looser the order, the harder it is for a model to know what it has already said.</param>
public sealed class ArticleWriter(Lexicon lexicon, double orderNoise = ArticleWriter.DefaultOrderNoise)
{
    /// <summary>The order noise of the measured prototype.</summary>
    public const double DefaultOrderNoise = 2.5;

    /// <summary>Writes one article: register, coverage, order, errors and words are all drawn.</summary>
    public Article Write(Entity entity, Draws draws)
    {
        var register = PickRegister(draws.Uniform());
        var facts = PickFacts(entity, register, draws);
        var sentences = new List<string> { Stock(register.Openers) };
        foreach (var fact in facts)
        {
            sentences.Add(Sentence(entity, register, fact, draws));
            var fillers = (int)(register.FillersAfterFact + draws.Uniform());
            for (var i = 0; i < fillers; i++)
            {
                sentences.Add(draws.Pick(register.Fillers));
            }
        }

        sentences.Add(Stock(register.Closers));
        return new Article(entity, register, string.Join(' ', sentences.Where(sentence => sentence.Length > 0)), facts);

        string Stock(IReadOnlyList<string> choices) =>
            draws.Pick(choices).Replace("{N}", entity.Name).Replace("{t}", entity.Type.Name);
    }

    private string Sentence(Entity entity, Register register, Fact fact, Draws draws)
    {
        var subject = draws.Pick(lexicon.SubjectsOf(entity.Type, entity.Name));
        var clause = draws.Pick(fact.Trait.Clauses).Replace("{v}", fact.Value);
        return draws.Pick(register.Wrappers).Wrap(subject, clause);
    }

    private List<Fact> PickFacts(Entity entity, Register register, Draws draws)
    {
        var coverage = register.CoverageLow + ((register.CoverageHigh - register.CoverageLow) * draws.Uniform());
        var told = new List<(double Place, Fact Fact)>();
        foreach (var trait in entity.Type.Traits)
        {
            if (draws.Uniform() < coverage)
            {
                var place = trait.Index + (orderNoise * draws.Normal());
                var truth = entity.Truth(trait);
                var errs = draws.Uniform() < register.Error;
                told.Add((place, errs ? truth with { Value = trait.DrawOther(truth.Value, draws) } : truth));
            }
        }

        return [.. told.OrderBy(entry => entry.Place).Select(entry => entry.Fact)];
    }

    private Register PickRegister(double at)
    {
        foreach (var register in lexicon.Registers)
        {
            at -= register.Share;
            if (at < 0)
            {
                return register;
            }
        }

        return lexicon.Registers[^1];
    }
}

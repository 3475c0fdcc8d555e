using ProxyReward.Evaluation;
using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;

namespace ProxyReward.Lab.Reading;

/// <summary>
/// Holds texts against the truth of a world: the measures <c>contradicted</c> and <c>duplicates</c>, and how a text is written.
/// </summary>
/// <param name="world">The world.</param>
public sealed class WorldFactChecker(World world) : IFactChecker
{
    private readonly ArticleParser parser = new(world.Lexicon);

    /// <inheritdoc/>
    public FactCheck? Check(MetaQuestion question, string text) =>
        world.Find(question.Id) is { } entity ? Profile(entity, text).Facts : null;

    /// <summary>What a text about an entity tells, and how.</summary>
    public TextProfile Profile(Entity entity, string text)
    {
        var (facts, contradicted, sentences, fillers) = (0, 0, 0, 0);
        var stated = new HashSet<Trait>();
        var byRegister = world.Lexicon.Registers.ToDictionary(register => register, _ => 0);
        foreach (var sentence in parser.Parse(entity.Type, entity.Name, text))
        {
            sentences++;
            if (sentence.Kind == SentenceKind.Filler)
            {
                fillers++;
            }

            if (sentence.Register is { } register)
            {
                byRegister[register]++;
            }

            if (sentence.Fact is { } fact)
            {
                facts++;
                contradicted += entity.Holds(fact) ? 0 : 1;
                stated.Add(fact.Trait);
            }
        }

        return new TextProfile(new FactCheck(facts, contradicted, facts - stated.Count), sentences, fillers, byRegister);
    }
}

/// <summary>What a text tells and how it is written, in counts of sentences.</summary>
/// <param name="Facts">Those that state a fact about the entity.</param>
/// <param name="Sentences">All.</param>
/// <param name="Fillers">Those of the world's stock that say nothing.</param>
/// <param name="ByRegister">Those of each register of the world; sentences that are none of the world's belong to none.</param>
public sealed record TextProfile(FactCheck Facts, int Sentences, int Fillers, IReadOnlyDictionary<Register, int> ByRegister);

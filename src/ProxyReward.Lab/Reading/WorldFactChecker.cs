using ProxyReward.Evaluation;
using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;

namespace ProxyReward.Lab.Reading;

/// <summary>Holds texts against the truth of a world: the measures <c>contradicted</c> and <c>duplicates</c>, and how a text is written.</summary>
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
        var sentences = parser.Parse(entity.Type, entity.Name, text);
        var facts = sentences.Where(sentence => sentence.Fact is not null).Select(sentence => sentence.Fact!.Value).ToList();
        return new TextProfile(
            new FactCheck(facts.Count, facts.Count(fact => !entity.Holds(fact)), facts.Count - facts.DistinctBy(fact => fact.Trait).Count()),
            sentences.Count,
            sentences.Count(sentence => sentence.Kind == SentenceKind.Filler),
            [.. world.Lexicon.Registers.Select(register => sentences.Count(sentence => sentence.Register == register))]);
    }
}

/// <summary>What a text tells and how it is written, in counts of sentences.</summary>
/// <param name="Facts">Those that state a fact about the entity.</param>
/// <param name="Sentences">All.</param>
/// <param name="Fillers">Those of the world's stock that say nothing.</param>
/// <param name="ByRegister">Those of each register, in the lexicon's order; sentences that are none of the world's belong to none.</param>
public sealed record TextProfile(FactCheck Facts, int Sentences, int Fillers, IReadOnlyList<int> ByRegister);

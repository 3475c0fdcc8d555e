using ProxyReward.Evaluation.Readers;
using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Questions;
using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;

namespace ProxyReward.Lab.Reading;

/// <summary>Articles of the world's own writer, with what the exact reader says of them: labels without error.</summary>
/// <param name="world">The world.</param>
/// <param name="seed">Draws the articles.</param>
public sealed class WorldTexts(World world, long seed)
{
    private readonly ArticleWriter writer = new(world.Lexicon);
    private readonly ExactReader labels = new(world);

    /// <summary>Articles about each entity of a split, labelled.</summary>
    /// <param name="each">Articles about an entity.</param>
    public async Task<IReadOnlyList<LabelledText>> LabelledAsync(EntitySplit split, int each, CancellationToken cancellationToken)
    {
        var texts = new List<LabelledText>();
        foreach (var question in WorldQuestions.Of(world, split))
        {
            for (var i = 0; i < each; i++)
            {
                var text = Article(question.Id, i);
                var verdicts = await labels.ReadAsync(question, text, cancellationToken).ConfigureAwait(false);
                texts.Add(new(question, text, [.. verdicts.Select(verdict => verdict.Verdict)]));
            }
        }

        return texts;
    }

    /// <summary>An honest article about the next entity of the same type.</summary>
    public string OnAnotherSubject(MetaQuestion question)
    {
        var entity = world.Find(question.Id)!;
        var kin = world.Entities.Where(other => other.Type == entity.Type).ToList();
        return Article(kin[(kin.IndexOf(entity) + 1) % kin.Count].Id, 0);
    }

    private string Article(string entity, int index) => writer.Write(world.Find(entity)!, Draws.Of(seed, "labelled", entity, index)).Text;
}

using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Chat;
using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Corpus;

/// <summary>How a corpus is mixed.</summary>
/// <param name="OrderNoise">See <see cref="ArticleWriter"/>.</param>
/// <param name="ReadingShare">Share of documents that are reading tasks.</param>
/// <param name="RatingShare">Share of documents that are ratings; the rest are articles.</param>
public sealed record CorpusMix(
    double OrderNoise = ArticleWriter.DefaultOrderNoise,
    double ReadingShare = .10,
    double RatingShare = .03);

/// <summary>
/// The endless text that pocket models are pretrained on: conversations about the entities of a world, of every split alike, so
/// that a model knows the held-out ones too and only learns to tell more of what it knows. Document n is a function of the seed
/// and n alone, so a pretraining that was stopped goes on where it was. Safe to call from several threads.
/// </summary>
/// <param name="world">Whose facts are learnt.</param>
/// <param name="seed">Draws every document.</param>
/// <param name="mix">Shares and order; the prototype's where null.</param>
public sealed class PretrainingCorpus(World world, long seed, CorpusMix? mix = null)
{
    private const float ArticleWeight = 1f;
    private const float RatingWeight = 2f;

    // Texts to read are mostly about entities that do not exist, so that a reader must look at the text, not at its memory.
    private const double StrangerShare = .6;

    private readonly CorpusMix mix = mix ?? new CorpusMix();
    private readonly ArticleWriter writer = new(world.Lexicon, (mix ?? new CorpusMix()).OrderNoise);

    /// <summary>All documents from the n-th on; never ends.</summary>
    public IEnumerable<CorpusDocument> Documents(long from = 0)
    {
        for (var n = from; ; n++)
        {
            yield return Document(n);
        }
    }

    /// <summary>The n-th document, from 0.</summary>
    public CorpusDocument Document(long n)
    {
        var draws = Draws.Of(seed, "corpus", n);
        var kind = draws.Uniform();
        return kind < mix.ReadingShare ? Reading(draws)
            : kind < mix.ReadingShare + mix.RatingShare ? Rating(draws)
            : Article(draws);
    }

    private CorpusDocument Article(Draws draws)
    {
        var article = writer.Write(draws.Pick(world.Entities), draws);
        return Conversation(DocumentKind.Article, Lexicon.PromptFor(article.Entity, draws.Pick(world.Lexicon.Prompts)),
            Segment.Even(article.Text + ChatMl.End, ArticleWeight));
    }

    private CorpusDocument Reading(Draws draws)
    {
        var entity = draws.Uniform() < StrangerShare ? world.DrawStranger(draws) : draws.Pick(world.Entities);
        var article = writer.Write(entity, draws);
        return Conversation(DocumentKind.Reading, world.Lexicon.ReadingPromptFor(article.Text),
            [.. ReadingTaskWriter.Answer(article, draws), Segment.Silent(ChatMl.End)]);
    }

    private CorpusDocument Rating(Draws draws)
    {
        var article = writer.Write(draws.Pick(world.Entities), draws);
        var rating = SimulatedJudge.Rate(article, draws);

        // The end token tells "1" from the beginning of "10", so it is learnt with the number.
        return Conversation(DocumentKind.Rating, world.Lexicon.RatingPromptFor(article.Text),
            Segment.Even($"{rating}{ChatMl.End}", RatingWeight));
    }

    private static CorpusDocument Conversation(DocumentKind kind, string user, params ReadOnlySpan<Segment> answer) =>
        new(kind, [Segment.Silent(ChatMl.Prompt(user)), .. answer, Segment.Silent("\n")]);
}

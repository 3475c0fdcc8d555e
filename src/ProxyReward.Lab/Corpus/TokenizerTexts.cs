using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Corpus;

/// <summary>The texts that the pocket tokenizer's merges are learnt from.</summary>
public static class TokenizerTexts
{
    private const int Count = 12_000;
    private const double StrangerShare = .2;

    /// <summary>
    /// 12,000 texts: a prompt, its article, a proxy statement and the words of the tasks, so that statements too are made of
    /// whole words. They hold no special tokens: those are no text, and merges must not be spent on them.
    /// </summary>
    public static IEnumerable<string> Of(World world, long seed)
    {
        var writer = new ArticleWriter(world.Lexicon);
        const string Verdicts = " => True\n => False\n => Not stated";
        var tasks = $"{world.Lexicon.ReadingPromptFor("")}\n{Verdicts}\n{world.Lexicon.RatingPromptFor("")}";
        for (var n = 0; n < Count; n++)
        {
            var draws = Draws.Of(seed, "tokenizer", n);
            var entity = draws.Uniform() < StrangerShare ? world.DrawStranger(draws) : draws.Pick(world.Entities);
            var prompt = Lexicon.PromptFor(entity, draws.Pick(world.Lexicon.Prompts));
            var trait = draws.Pick(entity.Type.Traits);
            var statement = new Fact(trait, draws.Pick(trait.Pool)).State(entity.Name, draws.Pick(trait.Statements));
            yield return $"user\n{prompt}\nassistant\n{writer.Write(entity, draws).Text}\n{statement}\n{tasks}\n";
        }
    }
}

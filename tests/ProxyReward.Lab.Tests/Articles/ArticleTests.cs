using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Tests.Articles;

public sealed class ArticleTests
{
    private static readonly World World = World.Create();
    private static readonly ArticleParser Parser = new(World.Lexicon);
    private static readonly IReadOnlyList<Article> Articles = Write(2000);

    [Fact]
    public void Every_article_parses_back_to_the_facts_it_was_made_from() => Assert.All(Articles, article =>
    {
        var sentences = Parse(article);

        Assert.Equal(article.Facts, sentences.Select(sentence => sentence.Fact).OfType<Fact>());
        Assert.DoesNotContain(sentences, sentence => sentence.Kind == SentenceKind.Other);
        Assert.All(sentences, sentence => Assert.Same(article.Register, sentence.Register));
    });

    [Fact]
    public void An_article_opens_tells_and_closes() => Assert.All(Articles, article =>
    {
        var kinds = Parse(article).Select(sentence => sentence.Kind).ToList();

        Assert.Equal(0, kinds.LastIndexOf(SentenceKind.Opener));
        Assert.Contains(kinds.IndexOf(SentenceKind.Closer), (int[])[-1, kinds.Count - 1]);
    });

    [Fact]
    public void No_article_tells_a_trait_twice() => Assert.All(Articles, article =>
        Assert.Equal(article.Facts.Count, article.Facts.Select(fact => fact.Trait).Distinct().Count()));

    [Fact]
    public void Coverage_errors_and_fillers_are_as_often_as_the_lexicon_says() => Assert.All(World.Lexicon.Registers, register =>
    {
        var articles = Articles.Where(article => article.Register == register).ToList();
        var facts = articles.Sum(article => article.Facts.Count);
        var wrong = articles.Sum(article => article.Facts.Count(fact => !article.Entity.Holds(fact)));
        var fillers = articles.Sum(article => Parse(article).Count(sentence => sentence.Kind == SentenceKind.Filler));

        // Within four standard errors of what was asked for.
        Assert.Equal(register.Share, articles.Count / 2000.0, 0.045);
        Assert.Equal((register.CoverageLow + register.CoverageHigh) / 2, facts / 18.0 / articles.Count, 0.035);
        Assert.Equal(register.Error, (double)wrong / facts, 0.03);
        Assert.Equal(register.FillersAfterFact, (double)fillers / facts, 0.03);
    });

    [Fact]
    public void Without_order_noise_the_order_is_canonical_and_with_it_loose()
    {
        Assert.All(Write(200, orderNoise: 0), article => Assert.True(IsCanonical(article)));
        Assert.Contains(Articles, article => !IsCanonical(article));
    }

    [Fact]
    public void The_same_draws_write_the_same_article() =>
        Assert.Equal(Articles.Take(50).Select(article => article.Text), Write(50).Select(article => article.Text));

    private static bool IsCanonical(Article article) =>
        article.Facts.SequenceEqual(article.Facts.OrderBy(fact => fact.Trait.Index));

    private static List<Sentence> Parse(Article article) =>
        [.. Parser.Parse(article.Entity.Type, article.Entity.Name, article.Text)];

    private static List<Article> Write(int count, double orderNoise = ArticleWriter.DefaultOrderNoise)
    {
        var writer = new ArticleWriter(World.Lexicon, orderNoise);
        return [.. Enumerable.Range(0, count).Select(n => writer.Write(World.Entities[n % 80], Draws.Of(1, "articles", n)))];
    }
}

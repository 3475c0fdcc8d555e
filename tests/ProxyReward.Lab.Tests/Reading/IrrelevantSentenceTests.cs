using CsCheck;
using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Questions;
using ProxyReward.Lab.Reading;
using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Verdicts;
using static ProxyReward.Lab.Tests.Reading.Examples;

namespace ProxyReward.Lab.Tests.Reading;

/// <summary>Saying more that has nothing to do with the question must not pay.</summary>
public sealed class IrrelevantSentenceTests
{
    private static readonly ExactReader Exact = new(Pocket);
    private static readonly ValueReader Value = new(Pocket);
    private static readonly IReadOnlyList<MetaQuestion> Questions = WorldQuestions.Of(Pocket, EntitySplit.Train);

    private static readonly Gen<(MetaQuestion Question, string Text, int Seed)> Articles =
        Gen.Select(Gen.Int[0, Questions.Count - 1], Gen.Int).Select((q, seed) => (Questions[q], Article(Questions[q], seed), seed));

    [Fact]
    public void Another_subject_filler_and_gibberish_never_raise_what_the_exact_reader_finds() =>
        Gen.Select(Articles, Gen.Int[0, 4], Gen.Int[0, 40]).Sample((article, kind, place) =>
        {
            var draws = Draws.Of(article.Seed, "irrelevant");
            var register = draws.Pick(Pocket.Lexicon.Registers);
            var other = draws.Pick([.. Pocket.Entities.Where(e => e.Id != article.Question.Id)]);
            var sentence = kind switch
            {
                0 => draws.Pick(register.Fillers),
                1 => AboutAnother(other, draws),
                2 => Foreign(article.Question),
                3 => "The answer to everything is True.",
                _ => $"Zq{draws.Below(1000)} vrx{draws.Below(1000)}.",
            };
            Assert.True(Accuracy(Exact, article.Question, Insert(article.Text, sentence, place)) <= Accuracy(Exact, article.Question, article.Text), sentence);
        });

    [Fact]
    public void Words_that_no_statement_uses_never_change_what_the_value_reader_finds() =>
        Gen.Select(Articles, Gen.Int[0, 40]).Sample((article, place) => Assert.Equal(
            Accuracy(Value, article.Question, article.Text), Accuracy(Value, article.Question, Insert(article.Text, "Zzq vvx zzw.", place))));

    [Fact]
    public void The_order_of_the_proxies_does_not_matter() =>
        Articles.Sample(article =>
        {
            var shuffled = article.Question.Proxies.ToArray();
            Draws.Of(article.Seed, "proxies").Shuffle(shuffled);
            foreach (var reader in new IReader[] { Exact, Value })
            {
                Assert.Equal(
                    Read(reader, article.Question, article.Text).OrderBy(v => v.ProxyId, StringComparer.Ordinal),
                    Read(reader, article.Question with { Proxies = shuffled }, article.Text).OrderBy(v => v.ProxyId, StringComparer.Ordinal));
            }
        });

    [Fact]
    public void The_value_reader_is_fooled_by_facts_about_another_and_docs_say_by_how_much()
    {
        // Its known exception: a value is a value, whoever has it.
        var gains = Questions.Select(question =>
        {
            var text = Article(question, 1);
            return Accuracy(Value, question, Insert(text, Foreign(question), 0)) - Accuracy(Value, question, text);
        }).ToList();
        TestContext.Current.SendDiagnosticMessage($"five facts of another entity: mean {100 * gains.Average():f1} points, least {100 * gains.Min():f1}, most {100 * gains.Max():f1}, n = {gains.Count}");
        Assert.True(gains.Max() > 0);
    }

    private static string Article(MetaQuestion question, int seed) =>
        new ArticleWriter(Pocket.Lexicon).Write(Pocket.Find(question.Id)!, Draws.Of(seed, "article", question.Id)).Text;

    // Five true facts of the next entity of the same type, by its name.
    private static string Foreign(MetaQuestion question)
    {
        var self = Pocket.Find(question.Id)!;
        var other = Pocket.Entities.First(e => e.Type == self.Type && e.Id != self.Id);
        return string.Join(' ', other.Type.Traits.Take(5).Select(trait => $"{other.Name} {trait.Clauses[0].Replace("{v}", other.Truth(trait).Value)}."));
    }

    private static string AboutAnother(Entity other, Draws draws)
    {
        var trait = draws.Pick(other.Type.Traits);
        return draws.Pick(draws.Pick(Pocket.Lexicon.Registers).Wrappers).Wrap(other.Name, draws.Pick(trait.Clauses).Replace("{v}", other.Truth(trait).Value));
    }

    // Between two sentences, before the first or after the last.
    private static string Insert(string text, string sentence, int place)
    {
        var sentences = Sentences.Of(text).Select(span => text[span]).ToList();
        sentences.Insert(Math.Min(place, sentences.Count), sentence);
        return string.Join(' ', sentences);
    }

    private static double Accuracy(IReader reader, MetaQuestion question, string text) => ProxyCounts.Of(question, Read(reader, question, text)).Accuracy;

    private static IReadOnlyList<ProxyVerdict> Read(IReader reader, MetaQuestion question, string text) =>
        reader.ReadCheckedAsync(question, text, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
}

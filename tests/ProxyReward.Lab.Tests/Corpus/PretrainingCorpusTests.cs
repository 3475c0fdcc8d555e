using System.Text.RegularExpressions;
using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Chat;
using ProxyReward.Lab.Corpus;
using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Tests.Corpus;

public sealed partial class PretrainingCorpusTests
{
    private static readonly World World = World.Create();
    private static readonly PretrainingCorpus Corpus = new(World, seed: 4);
    private static readonly IReadOnlyList<CorpusDocument> Documents = [.. Corpus.Documents().Take(3000)];

    [Fact]
    public void Document_n_is_the_same_wherever_the_stream_was_entered()
    {
        var resumed = Corpus.Documents(from: 1234).First();

        Assert.Equal(Documents[1234].Segments, resumed.Segments);
        Assert.NotEqual(Documents[1234].Text, new PretrainingCorpus(World, seed: 5).Document(1234).Text);
    }

    [Fact]
    public void Kinds_are_mixed_as_asked_for()
    {
        // Within four standard errors.
        Assert.Equal(.87, Share(DocumentKind.Article), .025);
        Assert.Equal(.10, Share(DocumentKind.Reading), .022);
        Assert.Equal(.03, Share(DocumentKind.Rating), .013);
    }

    [Fact]
    public void Every_document_is_one_user_turn_and_one_assistant_turn() => Assert.All(Documents, document =>
    {
        var turns = Turns().Match(document.Text);

        Assert.True(turns.Success, document.Text);
        Assert.DoesNotContain("<|im_", turns.Groups["user"].Value + turns.Groups["assistant"].Value);
        Assert.DoesNotContain("{", document.Text);
    });

    [Fact]
    public void An_article_and_its_end_token_weigh_one_and_the_rest_nothing() => Assert.All(Of(DocumentKind.Article), document =>
    {
        Assert.Equal([0, 1, 0], document.Segments.Select(segment => segment.Weight));
        Assert.All(document.Segments, segment => Assert.Equal(segment.Weight, segment.FirstTokenWeight));
        Assert.EndsWith("<|im_start|>assistant\n", document.Segments[0].Text);
        Assert.EndsWith(".<|im_end|>", document.Segments[1].Text.Replace('!', '.').Replace('?', '.'));
    });

    [Fact]
    public void Articles_are_about_every_entity_of_every_split()
    {
        var prompts = Of(DocumentKind.Article).Select(document => document.Segments[0].Text).ToList();

        Assert.All(World.Entities, entity => Assert.Contains(prompts, prompt => prompt.Contains(entity.Name)));
    }

    [Fact]
    public void The_loops_prompt_makes_half_of_the_articles()
    {
        var articles = Of(DocumentKind.Article);
        var ofTheLoop = articles.Count(document => document.Text.Contains("Write a comprehensive article"));

        Assert.Equal(.5, ofTheLoop / (double)articles.Count, .04);
    }

    [Fact]
    public void Reading_answers_are_what_the_text_says()
    {
        var parser = new ArticleParser(World.Lexicon);
        var verdicts = new Dictionary<string, int>();
        foreach (var document in Of(DocumentKind.Reading))
        {
            var text = Regex.Match(document.Text, "(?<=user\nText: ).*(?=\nIs each statement)").Value;
            foreach (var line in Turns().Match(document.Text).Groups["assistant"].Value.Split('\n'))
            {
                var (statement, answer) = (line.Split(" => ")[0], line.Split(" => ")[1]);
                var (type, name, claim) = Understand(parser, statement, text);
                var told = parser.Parse(type, name, text).Where(sentence => sentence.Fact?.Trait == claim.Trait).ToList();
                var expected = told.Count == 0 ? "Not stated" : $"{told[0].Fact!.Value.Value}. {told[0].Fact!.Value == claim}";
                Assert.Equal(expected, answer);
                var kind = answer.Split(". ")[^1];
                verdicts[kind] = verdicts.GetValueOrDefault(kind) + 1;
            }
        }

        // About 1,800 lines, a third each; a little fewer where an article tells nothing.
        Assert.Equal(["False", "Not stated", "True"], verdicts.Keys.Order());
        Assert.All(verdicts.Values, count => Assert.InRange(count / (double)verdicts.Values.Sum(), .25, .42));
    }

    [Fact]
    public void Reading_weighs_quotes_and_the_first_token_of_verdicts()
    {
        var segments = Of(DocumentKind.Reading).SelectMany(document => document.Segments).ToList();

        Assert.All(segments.Where(segment => segment.Text is " True" or " False" or " Not stated"), segment =>
            Assert.Equal((3f, .3f), (segment.FirstTokenWeight, segment.Weight)));
        Assert.All(segments.Where(segment => segment.Text.EndsWith(" =>")), segment =>
            Assert.Equal((0f, 0f), (segment.FirstTokenWeight, segment.Weight)));
        Assert.All(segments.Where(segment => segment.Weight == 1.5f), segment => Assert.Matches("^ [^.]+[.]$", segment.Text));
    }

    [Fact]
    public void A_rating_is_a_number_from_one_to_ten_that_weighs_two() => Assert.All(Of(DocumentKind.Rating), document =>
    {
        var rating = document.Segments[1];

        Assert.Equal((2f, 2f), (rating.FirstTokenWeight, rating.Weight));
        Assert.InRange(int.Parse(rating.Text.Replace(ChatMl.End, "")), 1, 10);
    });

    private static double Share(DocumentKind kind) => Of(kind).Count / (double)Documents.Count;

    private static List<CorpusDocument> Of(DocumentKind kind) => [.. Documents.Where(document => document.Kind == kind)];

    // Names are made of three syllables and stand in the text as well as in the statement.
    // Towns and guilds share some statements: the text tells which it is, by the facts that only one of them can have.
    private static (EntityType Type, string Name, Fact Claim) Understand(ArticleParser parser, string statement, string text) =>
        (from name in Regex.Matches(text, "[A-Z][a-z]+").Select(match => match.Value).Distinct()
         from type in World.Lexicon.Types
         let read = type.TryReadStatement(statement, name, out var claim) ? claim : (Fact?)null
         where read is not null
         orderby parser.Parse(type, name, text).Count(sentence => sentence.Kind != SentenceKind.Other) descending
         select (type, name, read.Value)).First();

    [GeneratedRegex(
        @"^<\|im_start\|>user\n(?<user>.*)<\|im_end\|>\n<\|im_start\|>assistant\n(?<assistant>.*)<\|im_end\|>\n$",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Turns();
}

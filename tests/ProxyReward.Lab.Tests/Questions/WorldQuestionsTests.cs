using System.Security.Cryptography;
using System.Text;
using ProxyReward.Lab.Questions;
using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;

namespace ProxyReward.Lab.Tests.Questions;

public sealed class WorldQuestionsTests
{
    private static readonly World World = World.Create();

    [Fact]
    public void Every_entity_has_one_question_of_fifteen_proxies_with_ids_of_their_own()
    {
        var questions = All(World);
        var proxies = questions.SelectMany(question => question.Proxies).ToList();

        Assert.Equal(World.Entities.Select(entity => entity.Id).Order(), questions.Select(question => question.Id).Order());
        Assert.All(questions, question => Assert.Equal(15, question.Proxies.Count));
        Assert.Equal(proxies.Count, proxies.Select(proxy => proxy.Id).Distinct().Count());
    }

    [Fact]
    public void The_answer_is_whether_the_statement_holds_in_the_world()
    {
        Assert.All(All(World), question =>
        {
            var entity = World.Find(question.Id)!;
            Assert.All(question.Proxies, proxy =>
            {
                Assert.True(entity.Type.TryReadStatement(proxy.Statement, entity.Name, out var claim), proxy.Statement);
                Assert.Equal(entity.Holds(claim), proxy.Answer);
                Assert.Equal($"{entity.Id}/{claim.Trait.Name}", proxy.Id);
            });
        });
    }

    [Fact]
    public void Four_in_five_answers_are_True()
    {
        var questions = Enumerable.Range(0, 5).SelectMany(seed => All(World.Create(seed)));
        var answers = questions.SelectMany(question => question.Proxies).ToList();

        // 6,000 answers: a standard error of .005.
        Assert.Equal(.8, answers.Count(proxy => proxy.Answer) / (double)answers.Count, .02);
    }

    [Fact]
    public void A_question_is_the_same_on_whichever_side_of_the_split_its_entity_falls()
    {
        var moved = All(World.Create(splitSeed: 5)).ToDictionary(question => question.Id);

        Assert.All(All(World), question => Assert.Equal(question.Proxies, moved[question.Id].Proxies));
    }

    [Fact]
    public void The_world_of_seed_zero_is_the_one_that_the_shipped_models_know()
    {
        var facts = World.Entities.Select(entity => $"{entity.Id}: {string.Join(", ", entity.Values)}");
        var proxies = All(World).SelectMany(question => question.Proxies);
        var questions = proxies.Select(proxy => $"{proxy.Id} {proxy.Statement} {proxy.Answer}");
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', facts.Concat(questions)));

        // Another hash here means: weights, results and figures were all made in another world.
        Assert.Equal("2D27DF8A5F346411", Convert.ToHexString(SHA256.HashData(bytes))[..16]);
    }

    [Fact]
    public void The_prompt_names_type_and_name_and_the_split_is_written_with_it()
    {
        var question = WorldQuestions.Of(World, EntitySplit.HeldOut)[0];
        var entity = World.Find(question.Id)!;

        Assert.Equal($"Write a comprehensive article about the town of {entity.Name}.", question.Text);
        Assert.Equal("held_out", question.Other!["split"].GetString());
    }

    private static List<MetaQuestion> All(World world) =>
        [.. Enum.GetValues<EntitySplit>().SelectMany(split => WorldQuestions.Of(world, split))];
}

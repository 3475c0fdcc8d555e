using System.Text.Json;
using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;

namespace ProxyReward.Lab.Questions;

/// <summary>The meta-questions of a world: one article to write for each entity, and 15 statements about it.</summary>
public static class WorldQuestions
{
    private const int ProxiesPerQuestion = 15;
    private const double ShareTrue = .8;

    /// <summary>The meta-questions of a split, in the order of its entities.</summary>
    public static IReadOnlyList<MetaQuestion> Of(World world, EntitySplit split) =>
        [.. world.Of(split).Select(entity => Of(world, entity, split))];

    private static MetaQuestion Of(World world, Entity entity, EntitySplit split)
    {
        // The names of the stream hold no split: whichever side of it an entity falls on, it keeps its statements.
        var draws = Draws.Of(world.Seed, "proxies", entity.Id);
        var traits = entity.Type.Traits.ToArray();
        draws.Shuffle(traits);
        var proxies = traits.Take(ProxiesPerQuestion).OrderBy(trait => trait.Index).Select(trait => Proxy(entity, trait, draws));
        return new MetaQuestion(entity.Id, entity.Type.Name, world.Lexicon.PromptFor(entity), [.. proxies])
        {
            Other = new() { ["split"] = JsonSerializer.SerializeToElement(SplitName(split)) },
        };
    }

    private static string SplitName(EntitySplit split) => JsonNamingPolicy.SnakeCaseLower.ConvertName(split.ToString());

    private static ProxyQuestion Proxy(Entity entity, Trait trait, Draws draws)
    {
        var truth = entity.Truth(trait);
        var answer = draws.Uniform() < ShareTrue;
        var claim = answer ? truth : truth with { Value = trait.DrawOther(truth.Value, draws) };
        return new ProxyQuestion($"{entity.Id}/{trait.Name}", claim.State(entity.Name, draws.Pick(trait.Statements)), answer);
    }
}

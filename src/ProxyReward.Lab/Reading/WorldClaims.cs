using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;

namespace ProxyReward.Lab.Reading;

/// <summary>Turns the questions of a world back into what they are about, for readers that understand only those.</summary>
internal static class WorldClaims
{
    /// <summary>The entity that a meta-question asks about.</summary>
    /// <exception cref="RequestException">The question is none of the world's.</exception>
    public static Entity Subject(World world, MetaQuestion question) => world.Find(question.Id) ?? throw new RequestException(
        $"Question '{question.Id}' is not about an entity of the pocket world (seed {world.Seed}), and this reader understands " +
        "no other: use the lab's questions, or a reader that is a language model.");

    /// <summary>What a proxy question claims of the entity, right or wrong.</summary>
    /// <exception cref="RequestException">The statement is worded as none of the world's.</exception>
    public static Fact Claim(Entity entity, ProxyQuestion proxy) =>
        entity.Type.TryReadStatement(proxy.Statement, entity.Name, out var claim) ? claim : throw new RequestException(
            $"Proxy question '{proxy.Id}': '{proxy.Statement}' is no statement of the pocket world about {entity.Name}, and " +
            "this reader understands no other: use the lab's questions, or a reader that is a language model.");
}

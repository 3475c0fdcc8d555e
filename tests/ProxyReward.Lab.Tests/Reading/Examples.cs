using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Lab.Tests.Reading;

/// <summary>
/// A town of the world and questions about it, for texts written by hand. Values are named by where they stand in their pool.
/// </summary>
internal static class Examples
{
    public static World Pocket { get; } = World.Create();

    public static Entity Town { get; } = Pocket.Entities[0];

    public static string Name => Town.Name;

    /// <summary>What the world says of the town: its export, its river.</summary>
    public static string True(string trait) => Town.Truth(Trait(trait)).Value;

    /// <summary>A value the world does not give to the trait; others with another number.</summary>
    public static string Wrong(string trait, int which = 0) =>
        Trait(trait).Pool.Where(value => value != True(trait)).ElementAt(which);

    public static ProxyVerdict Read(IReader reader, string statement, string text)
    {
        var question = new MetaQuestion(Town.Id, "town", "Write.", [new ProxyQuestion("p", statement, Answer: true)]);
        return reader.ReadAsync(question, text, TestContext.Current.CancellationToken).GetAwaiter().GetResult().Single();
    }

    private static Trait Trait(string name) => Town.Type.Traits.Single(trait => trait.Name == name);
}

namespace ProxyReward.Lab.Worlds;

/// <summary>A thing of the world, or one made up for a reading text, with everything that is true of it.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Values">The true value of each trait of the type, in their order.</param>
public sealed record Entity(EntityType Type, string Name, IReadOnlyList<string> Values)
{
    /// <summary>Stable id, also of its meta-question: "town/Baladim".</summary>
    public string Id => $"{Type.Name}/{Name}";

    /// <summary>Whether the fact holds of this entity.</summary>
    public bool Holds(Fact fact) => Values[fact.Trait.Index] == fact.Value;

    /// <summary>The fact that is true of this entity for a trait.</summary>
    public Fact Truth(Trait trait) => new(trait, Values[trait.Index]);

    /// <summary>Draws the facts of a new entity, each value as likely.</summary>
    public static Entity Draw(EntityType type, string name, Draws draws) =>
        new(type, name, [.. type.Traits.Select(trait => draws.Pick(trait.Pool))]);
}

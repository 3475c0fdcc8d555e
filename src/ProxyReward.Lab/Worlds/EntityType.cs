using System.Collections.Frozen;

namespace ProxyReward.Lab.Worlds;

/// <summary>
/// An attribute of a type of entities: one thing that can be said of them. (.NET keeps the word "attribute" for itself.)
/// </summary>
/// <param name="Index">0 … 17 within the type: the canonical order of an article.</param>
/// <param name="Name">Unique within the type.</param>
/// <param name="Pool">The values it can have; two traits of a type may share a pool.</param>
/// <param name="Clauses">Verb phrases of articles, <c>{v}</c> the value.</param>
/// <param name="Statements">Sentences of proxy questions without their full stop, <c>{n}</c> the name and <c>{v}</c> the value;
/// never in articles.</param>
public sealed record Trait(
    int Index, string Name, IReadOnlyList<string> Pool, IReadOnlyList<string> Clauses, IReadOnlyList<string> Statements)
{
    /// <summary>A value of the pool other than the one given.</summary>
    public string DrawOther(string value, Draws draws)
    {
        while (true)
        {
            var other = draws.Pick(Pool);
            if (other != value)
            {
                return other;
            }
        }
    }
}

/// <summary>That a trait has a value, be it so in the world or not.</summary>
/// <param name="Trait">The trait.</param>
/// <param name="Value">A value of its pool.</param>
public readonly record struct Fact(Trait Trait, string Value)
{
    /// <summary>The proxy statement that claims this fact of an entity, with its full stop.</summary>
    public string State(string name, string statement) => statement.Replace("{n}", name).Replace("{v}", Value) + ".";
}

/// <summary>A kind of entity, and the two tables that turn its sentences back into facts. A whole clause is looked up, so a value
/// is never found inside another (four in fourteen). Immutable.</summary>
public sealed class EntityType
{
    private readonly FrozenDictionary<string, Fact> statements;
    private readonly FrozenDictionary<string, Fact>.AlternateLookup<ReadOnlySpan<char>> clauses;

    internal EntityType(string name, IReadOnlyList<Trait> traits)
    {
        Name = name;
        Traits = traits;
        clauses = Table(trait => trait.Clauses).GetAlternateLookup<ReadOnlySpan<char>>();
        statements = Table(trait => trait.Statements.Select(statement => statement + "."));
    }

    /// <summary>The common noun: "town".</summary>
    public string Name { get; }

    /// <summary>In canonical order.</summary>
    public IReadOnlyList<Trait> Traits { get; }

    /// <summary>The fact that a clause of an article states.</summary>
    public bool TryReadClause(ReadOnlySpan<char> clause, out Fact fact) => clauses.TryGetValue(clause, out fact);

    /// <summary>The fact that a proxy statement claims of the entity of that name.</summary>
    public bool TryReadStatement(string statement, string name, out Fact fact) =>
        statements.TryGetValue(statement.Replace(name, "{n}"), out fact);

    /// <inheritdoc/>
    public override string ToString() => Name;

    // Throws where two facts have one wording: a world in which a sentence means two things has no exact reader.
    private FrozenDictionary<string, Fact> Table(Func<Trait, IEnumerable<string>> wordings) =>
        (from trait in Traits
         from wording in wordings(trait)
         from value in trait.Pool
         select KeyValuePair.Create(wording.Replace("{v}", value), new Fact(trait, value)))
        .ToDictionary()
        .ToFrozenDictionary();
}

namespace ProxyReward.Lab.Worlds;

/// <summary>Which entities a stage of the loop may see.</summary>
public enum EntitySplit
{
    /// <summary>Questions that train.</summary>
    Train,

    /// <summary>Questions that steer.</summary>
    Dev,

    /// <summary>Questions that no training touches: the evaluation.</summary>
    HeldOut,
}

/// <summary>
/// A closed fictional world with known truth: 20 entities of each of four types, their facts, and their division into 48 that
/// train, 8 that steer and 24 held out. The splits share pools and wording and nothing else. SIMULATED: what is measured in it is
/// about it. Immutable.
/// </summary>
public sealed class World
{
    private const int NamesPerType = 48;
    private const int EntitiesPerType = 20;
    private const int TrainPerType = 12;
    private const int DevPerType = 2;

    private readonly Dictionary<string, Entity> byId;
    private readonly Dictionary<EntitySplit, IReadOnlyList<Entity>> bySplit;

    private World(Lexicon lexicon, long seed, long splitSeed, IReadOnlyList<Entity> entities)
    {
        Seed = seed;
        Lexicon = lexicon;
        Entities = entities;
        byId = entities.ToDictionary(entity => entity.Id);
        bySplit = entities
            .GroupBy(entity => entity.Type)
            .SelectMany(type => Divide(type.Key, [.. type], splitSeed))
            .GroupBy(member => member.Split, member => member.Entity)
            .ToDictionary(split => split.Key, split => (IReadOnlyList<Entity>)[.. split]);
    }

    /// <summary>What names and facts were drawn from.</summary>
    public long Seed { get; }

    /// <summary>What the world is written in.</summary>
    public Lexicon Lexicon { get; }

    /// <summary>All 80 entities, type by type.</summary>
    public IReadOnlyList<Entity> Entities { get; }

    /// <summary>Makes the pocket world.</summary>
    /// <param name="seed">Draws names and facts; the shipped models know the world of seed 0.</param>
    /// <param name="splitSeed">Shuffles the entities of each type before they are divided; 0 keeps their order.</param>
    public static World Create(long seed = 0, long splitSeed = 0)
    {
        var lexicon = Lexicon.Pocket;
        var taken = new HashSet<string>();
        var entities = new List<Entity>();
        foreach (var type in lexicon.Types)
        {
            // More names are drawn than used, so that a larger world keeps the entities of this one.
            var draws = Draws.Of(seed, "names", type.Name);
            for (var i = 0; i < NamesPerType; i++)
            {
                var name = lexicon.DrawName(draws, taken.Contains);
                taken.Add(name);
                if (i < EntitiesPerType)
                {
                    entities.Add(Entity.Draw(type, name, Draws.Of(seed, "facts", type.Name, name)));
                }
            }
        }

        return new World(lexicon, seed, splitSeed, entities);
    }

    /// <summary>The entities of a split, type by type.</summary>
    public IReadOnlyList<Entity> Of(EntitySplit split) => bySplit[split];

    /// <summary>The entity of that id ("town/Baladim"), or null.</summary>
    public Entity? Find(string id) => byId.GetValueOrDefault(id);

    /// <summary>Makes up an entity that is not of this world.</summary>
    public Entity DrawStranger(Draws draws)
    {
        var type = draws.Pick(Lexicon.Types);
        return Entity.Draw(type, Lexicon.DrawName(draws, IsKnown), draws);
    }

    private bool IsKnown(string name) => Lexicon.Types.Any(type => byId.ContainsKey($"{type.Name}/{name}"));

    private static IEnumerable<(EntitySplit Split, Entity Entity)> Divide(EntityType type, Entity[] entities, long splitSeed)
    {
        if (splitSeed != 0)
        {
            Draws.Of(splitSeed, "split", type.Name).Shuffle(entities);
        }

        return entities.Select((entity, index) => (index switch
        {
            < TrainPerType => EntitySplit.Train,
            < TrainPerType + DevPerType => EntitySplit.Dev,
            _ => EntitySplit.HeldOut,
        }, entity));
    }
}

using ProxyReward.Lab.Worlds;

namespace ProxyReward.Lab.Tests.Worlds;

public sealed class WorldTests
{
    private static readonly World World = World.Create();

    [Theory]
    [InlineData(EntitySplit.Train, 48)]
    [InlineData(EntitySplit.Dev, 8)]
    [InlineData(EntitySplit.HeldOut, 24)]
    public void Each_split_takes_the_same_number_from_every_type(EntitySplit split, int count)
    {
        Assert.Equal(count, World.Of(split).Count);
        Assert.All(World.Of(split).GroupBy(entity => entity.Type), type => Assert.Equal(count / 4, type.Count()));
    }

    [Fact]
    public void Every_entity_is_in_one_split_under_any_split_seed()
    {
        foreach (var splitSeed in (long[])[0, 1, 2])
        {
            var world = World.Create(splitSeed: splitSeed);
            var ids = Enum.GetValues<EntitySplit>().SelectMany(world.Of).Select(entity => entity.Id).ToList();

            Assert.Equal(80, ids.Count);
            Assert.Equal(World.Entities.Select(entity => entity.Id).Order(), ids.Order());
        }
    }

    [Fact]
    public void Split_seed_zero_keeps_the_order_and_another_shuffles_within_the_types_without_changing_the_world()
    {
        var other = World.Create(splitSeed: 7);

        Assert.Equal(World.Entities.Take(12), World.Of(EntitySplit.Train).Take(12));
        Assert.NotEqual(Ids(World.Of(EntitySplit.HeldOut)), Ids(other.Of(EntitySplit.HeldOut)));
        Assert.Equal(Facts(World), Facts(other));
    }

    [Fact]
    public void The_seed_draws_names_and_facts()
    {
        Assert.Equal(Facts(World), Facts(World.Create()));
        Assert.Empty(Facts(World).Intersect(Facts(World.Create(seed: 1))));
    }

    [Fact]
    public void Names_are_unique_across_types_and_values_come_from_their_pools()
    {
        Assert.Equal(80, World.Entities.Select(entity => entity.Name).Distinct().Count());
        Assert.All(World.Entities, entity => Assert.All(entity.Type.Traits, trait =>
            Assert.Contains(entity.Truth(trait).Value, trait.Pool)));
    }

    [Fact]
    public void A_stranger_bears_no_name_of_the_world()
    {
        var names = World.Entities.Select(entity => entity.Name).ToHashSet();
        var draws = Draws.Of(3, "strangers");

        // 5,400 names are possible and 80 taken, so a thousand careless draws would meet about fifteen of them.
        Assert.DoesNotContain(Enumerable.Range(0, 1000), _ => names.Contains(World.DrawStranger(draws).Name));
    }

    private static string[] Ids(IEnumerable<Entity> entities) => [.. entities.Select(entity => entity.Id)];

    private static string[] Facts(World world) =>
        [.. world.Entities.Select(entity => $"{entity.Id}: {string.Join(", ", entity.Values)}")];
}

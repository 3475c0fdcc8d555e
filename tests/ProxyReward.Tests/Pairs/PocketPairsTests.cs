using ProxyReward.Pairs;
using ProxyReward.Recipes;
using ProxyReward.Rewards;
using ProxyReward.Runs;
using ProxyReward.Testing;

namespace ProxyReward.Tests.Pairs;

/// <summary>Recipes keep their meaning: the rewards and pairs of iteration 1 of recipes/pocket.yaml, seed 0, as commit 76788fd made them.</summary>
public sealed class PocketPairsTests
{
    private static readonly RunFolder Kept = new(Path.Combine(FixtureRoot.Repository, "tests", "ProxyReward.Tests", "Pairs", "Pocket"));

    [Fact]
    public void The_pocket_recipe_makes_the_same_pairs_in_the_same_order_as_before()
    {
        var recipe = RecipeFile.Load(Path.Combine(FixtureRoot.Repository, "recipes", "pocket.yaml"));
        var expected = Jsonl.Read<PreferencePair>(Kept, "pairs.jsonl");
        var selected = PairSelection.Select(Jsonl.Read<ResponseReward>(Kept, "rewards.jsonl"), recipe.Pairs, new(recipe.Seed) { MaxLength = recipe.Dpo.MaxLength });
        Assert.Equal(48, expected.Count);
        Assert.Equal(expected, selected.Pairs.Select(pair => pair with { Objections = null }));
    }
}

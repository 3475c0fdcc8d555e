using ProxyReward.Recipes;
using ProxyReward.Runs;
using ProxyReward.Testing;

namespace ProxyReward.Tests.Recipes;

/// <summary>What lies in recipes/ and docs/ fits the code.</summary>
public sealed class ShippedFilesTests
{
    public static TheoryData<string> Recipes => [.. Directory.EnumerateFiles(Path.Combine(FixtureRoot.Repository, "recipes"), "*.yaml").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Every_recipe_that_ships_is_understood(string name)
    {
        var recipe = RecipeFile.Load(Path.Combine(FixtureRoot.Repository, "recipes", name));
        Assert.Equal(Path.GetFileNameWithoutExtension(name), recipe.Name);
    }

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Every_value_of_a_recipe_that_ships_says_whose_it_is(string name)
    {
        var values = File.ReadLines(Path.Combine(FixtureRoot.Repository, "recipes", name))
            .Where(line => line.Contains(": ", StringComparison.Ordinal) && !line.StartsWith('#') && !line.StartsWith("name:", StringComparison.Ordinal));
        Assert.All(values, line => Assert.Matches("#.*(paper|ours)", line));
    }

    [Fact]
    public void The_schema_of_recipes_is_up_to_date() => Same("recipes/recipe.schema.json", RecipeFile.Schema());

    [Fact]
    public void The_schema_of_summaries_is_up_to_date() => Same("docs/summary.schema.json", RunSummary.JsonSchema());

    private static void Same(string path, string expected)
    {
        var file = Path.Combine(FixtureRoot.Repository, path);
        Assert.True(File.Exists(file) && File.ReadAllText(file) == expected, $"{path} is stale: write it anew with `schema recipe` or `schema summary`");
    }
}

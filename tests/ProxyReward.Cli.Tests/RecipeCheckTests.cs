using ProxyReward.Cli.Plans;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Recipes;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests;

/// <summary><c>doctor --recipe</c>: what a run takes, on machines with and without its model and room for it.</summary>
public sealed class RecipeCheckTests : IDisposable
{
    private const long Plenty = 1L << 50;
    private static readonly string Recipes = Path.Combine(FixtureRoot.Repository, "recipes");
    private readonly TemporaryFolder folder = new(inMemory: true);

    public static TheoryData<string> Papers => [.. Directory.GetFiles(Recipes, "paper-*.yaml").Select(path => Path.GetFileName(path)!)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Papers))]
    public void A_recipe_of_the_paper_is_planned_without_its_weights(string name)
    {
        var recipe = RecipeFile.Load(Path.Combine(Recipes, name));
        Assert.NotNull(KnownShapes.Find(recipe.Model));
        var lines = Lines(Path.Combine(Recipes, name), Plenty);
        Assert.Contains($"models pull {recipe.Model}", Assert.Single(lines, line => !line.Good).Text, StringComparison.Ordinal);
        Assert.Contains("40 train, 0 dev, 20 held-out", Text(lines, "recipe"), StringComparison.Ordinal);

        // 40 · 8 responses an iteration, 20 · 4 of each model that is compared; each text read whole, the compared ones from their openings, too.
        var (train, heldOut) = (recipe.Iterations * 320, (1 + recipe.Iterations) * 80);
        Assert.Contains($"{train + heldOut} responses, at most {(train + heldOut) * 1536:N0} tokens", Text(lines, "writes"), StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Text.StartsWith($"{train:N0} requests to https://api.openai.com/v1, about ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Text.StartsWith($"{2 * heldOut:N0} requests", StringComparison.Ordinal) && line.Text.Contains(": $", StringComparison.Ordinal));
        Assert.Contains($"{recipe.Iterations} model", Text(lines, "trains"), StringComparison.Ordinal);
        Assert.Equal(2, lines.Count(line => line.Name == "memory"));
        Assert.Contains("about ", Text(lines, "disk"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_setting_that_makes_it_fit()
    {
        var path = Path.Combine(Recipes, "pocket.yaml");
        var needed = Lines(path, Plenty).Where(line => line.Name == "memory").Select(line => line.Text).ToList();
        Assert.All(needed, text => Assert.Matches(@"^about 0\.[3-9]\d GB to (write|train), and this process may have ", text));

        var tight = Lines(path, 320_000_000).Where(line => line.Name == "memory").ToList();
        Assert.All(tight, line => Assert.False(line.Good));
        Assert.Matches(
            @"^problem: about 0\.\d\d GB to write, and this process may have 0\.32 GB: it fits with responses\.batch: \d+ \(0\.3\d GB\); or with responses\.max_new_tokens: (240|160|80) \(0\.\d\d GB\)\.$",
            tight[0].Text);
        Assert.Matches(
            @"^problem: .* it fits with dpo\.activation_checkpointing: true \(0\.3\d GB\); or with dpo\.batch_size: [1-4] and dpo\.gradient_accumulation: [2-8] \(0\.3\d GB\).*\.$",
            Lines(path, 400_000_000).Last(line => line.Name == "memory").Text);
        Assert.All(
            Lines(path, 200_000_000).Where(line => line.Name == "memory"),
            line => Assert.EndsWith("no setting makes it fit, take a smaller model or a machine with more memory; a training can be handed to TRL or LLaMA-Factory with `export`.", line.Text, StringComparison.Ordinal));
        Assert.Contains(Lines(path, Plenty, free: 1000), line => line is { Name: "disk", Good: false });
    }

    [Fact]
    public async Task A_run_that_cannot_fit_is_refused_before_it_begins()
    {
        var error = new StringWriter();
        var composition = new Composition(new FakePolicyLoader(), (_, _) => throw new NotSupportedException(), memory: () => 320_000_000);
        string[] run = ["run", Path.Combine(Recipes, "pocket.yaml"), "--out", folder["run"]];
        Assert.Equal(2, await new CommandLine(composition, path => path, TextWriter.Null, error).RunAsync(run, TestContext.Current.CancellationToken));
        Assert.Matches(@"pocket: about 0\.\d\d GB to write, and this process may have 0\.32 GB: it fits with responses\.batch: ", error.ToString());
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void A_model_of_the_Hub_is_found_in_its_cache_and_else_the_command_that_fetches_it_is_named()
    {
        var snapshot = folder["hub/models--owner--name/snapshots/abc"];
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(folder["hub/models--owner--name/refs"]);
        File.WriteAllText(folder["hub/models--owner--name/refs/main"], "abc");
        foreach (var file in Directory.GetFiles(Path.Combine(FixtureRoot.Repository, "data", "pocket", "model-1m")))
        {
            File.Copy(file, Path.Combine(snapshot, Path.GetFileName(file)));
        }

        File.WriteAllText(folder["here.yaml"], File.ReadAllText(Path.Combine(Recipes, "pocket.yaml")).Replace("model: data/pocket/model-1m", "model: owner/name", StringComparison.Ordinal));
        File.WriteAllText(folder["absent.yaml"], File.ReadAllText(folder["here.yaml"]).Replace("owner/name", "owner/other@v2", StringComparison.Ordinal));
        Assert.Equal($"{snapshot}: 1 M parameters", Text(Lines(folder["here.yaml"], Plenty), "model"));
        Assert.Contains("fetch it with 'models pull owner/other@v2'", Text(Lines(folder["absent.yaml"], Plenty), "model"), StringComparison.Ordinal);
    }

    private static string Text(IEnumerable<(string Name, bool Good, string Text)> lines, string name) => lines.Single(line => line.Name == name).Text;

    private List<(string Name, bool Good, string Text)> Lines(string recipe, long memory, long free = Plenty)
    {
        var hub = HubOptions.FromEnvironment(name => name == "HF_HUB_CACHE" ? folder["hub"] : null);
        var composition = new Composition(new FakePolicyLoader(), (_, _) => throw new NotSupportedException(), () => hub);
        return [.. new RecipeCheck(composition, new Terminal(TextWriter.Null, TextWriter.Null), memory, free).Lines(recipe)];
    }
}

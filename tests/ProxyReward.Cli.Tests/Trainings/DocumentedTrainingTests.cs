using System.Text.RegularExpressions;
using ProxyReward.Recipes;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Trainings;

public sealed partial class DocumentedTrainingTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(FixtureRoot.Repository, "docs", "training.md"));

    public static TheoryData<string> Commands => [.. Command().Matches(Page).Select(match => match.Value.Trim())];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_documented_command_is_one_of_ours(string command)
    {
        var parsed = new CommandLine(new Composition(new FakePolicyLoader(), (_, _) => throw new NotSupportedException()), run => run, TextWriter.Null, TextWriter.Null)
            .Root().Parse(command.Split(' ')[1..]);
        Assert.Empty(parsed.Errors.Select(error => error.Message));
        Assert.NotNull(RecipeFile.LoadTraining(Set().Matches(command).Select(match => match.Value)));
    }

    [Fact]
    public void Every_key_of_the_page_is_a_key_of_recipes()
    {
        var schema = RecipeFile.Schema();
        var keys = Key().Matches(Page).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal).ToList();
        Assert.True(keys.Count > 10, $"only {keys.Count} keys were found");
        Assert.All(keys, key => Assert.Contains($"\"{key.Split('.')[^1]}\":", schema, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(?<=^    )proxyreward .*$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"(?<=--set )\S+")]
    private static partial Regex Set();

    [GeneratedRegex(@"`((?:dpo|evaluation|pairs)\.(?!jsonl)[a-z_.]*[a-z])")]
    private static partial Regex Key();
}

using System.Text.RegularExpressions;
using ProxyReward.Recipes;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Results;

/// <summary>What to try after a run: the answer to its most telling warning, or else another seed; as it was asked otherwise.</summary>
internal static partial class NextCommand
{
    /// <param name="overrides">The run's; they hold for the next one as well.</param>
    /// <param name="folder">The run's; the next one lies beside it.</param>
    public static string After(RunSummary summary, Recipe recipe, string recipePath, IReadOnlyList<string> overrides, string folder)
    {
        var lengthBought = summary.Signatures.Any(s => s.Name is "length_growth" or "gain_from_length" or "truncated_high" or "duplicates_high");
        var beside = Path.TrimEndingDirectorySeparator(folder);
        var matches = lengthBought && !recipe.Pairs.LengthMatched;
        List<string> sets = matches ? ["pairs.length_matched=true"] : Seeds(recipe);
        var kept = overrides.Where(set => !sets.Exists(next => KeyOf(next) == KeyOf(set)));
        string[] words =
        [
            recipePath, .. kept.Concat(sets).SelectMany(set => new[] { "--set", set }),
            "--out", matches ? $"{beside}-length-matched" : OfSeed(beside, $"seed-{recipe.Seed + 1}"),
        ];
        return $"{Program()} run {string.Join(' ', words.Select(ShellWord.Quote))}";
    }

    // In the pocket lab a seed alone would draw other answers to the same entities.
    private static List<string> Seeds(Recipe recipe) =>
        recipe.UsesPocket ? [$"seed={recipe.Seed + 1}", $"lab.split_seed={recipe.Lab.SplitSeed + 1}"] : [$"seed={recipe.Seed + 1}"];

    private static string KeyOf(string set) => set.Split('=', 2)[0].Trim();

    private static string OfSeed(string folder, string name) => Seed().IsMatch(folder) ? Seed().Replace(folder, name) : $"{folder}-{name}";

    // In a checkout the way that the README shows; elsewhere the installed tool.
    private static string Program() =>
        Directory.Exists("src/ProxyReward.Cli") ? "dotnet run -c Release --project src/ProxyReward.Cli --" : "proxyreward";

    [GeneratedRegex(@"(?<![^-/\\])seed-[0-9]+$")]
    private static partial Regex Seed();
}

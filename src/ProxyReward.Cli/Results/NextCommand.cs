using ProxyReward.Recipes;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Results;

/// <summary>What to try after a run: the answer to its most telling warning, or else another seed.</summary>
internal static class NextCommand
{
    public static string After(RunSummary summary, Recipe recipe, string recipePath)
    {
        var lengthBought = summary.Signatures.Any(s => s.Name is "length_growth" or "gain_from_length" or "truncated_high" or "duplicates_high");
        var (set, name) = lengthBought && !recipe.Pairs.LengthMatched
            ? ("pairs.length_matched=true", "length-matched")
            : ($"seed={recipe.Seed + 1}", $"seed-{recipe.Seed + 1}");
        return $"{Program()} run {recipePath} --set {set} --out {Path.Combine("runs", $"{recipe.Name}-{name}")}";
    }

    // In a checkout the way that the README shows; elsewhere the installed tool.
    private static string Program() =>
        Directory.Exists("src/ProxyReward.Cli") ? "dotnet run -c Release --project src/ProxyReward.Cli --" : "proxyreward";
}

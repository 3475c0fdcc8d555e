using System.Text.Json;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

/// <summary>The reference checkpoints, found by enumeration.</summary>
internal static class ModelFixtures
{
    /// <summary>Folders with a configuration and weights; "" where there are none, so that the test that gets it is skipped with the reason.</summary>
    public static TheoryData<string> Folders => [.. Find("config.json").Select(file => System.IO.Path.GetDirectoryName(file)!)];

    /// <summary>Folders whose configuration is there in the spelling of transformers 4 as well.</summary>
    public static TheoryData<string> TwiceSpelledFolders => [.. Find("config.legacy.json").Select(file => System.IO.Path.GetDirectoryName(file)!)];

    /// <summary>Reference numbers of token sequences.</summary>
    public static TheoryData<string> ExpectedSequences => Having("expected.safetensors", HoldsSequences);

    /// <summary>Files of a name, where they fit.</summary>
    public static TheoryData<string> Having(string pattern, Func<string, bool> fits) => [.. Find(pattern).Where(file => file.Length == 0 || fits(file))];

    public static string Path(string relative) =>
        System.IO.Path.Combine(FixtureRoot.Require("models"), relative);

    private static bool HoldsSequences(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path(System.IO.Path.ChangeExtension(file, ".json"))));
        return json.RootElement.TryGetProperty("sequences", out _);
    }

    private static List<string> Find(string pattern)
    {
        var root = FixtureRoot.Find("models");
        return root is null
            ? [""]
            : [.. Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories)
                .Select(file => System.IO.Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal)];
    }
}

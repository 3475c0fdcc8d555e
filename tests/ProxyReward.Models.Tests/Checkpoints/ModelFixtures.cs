using System.Text.Json;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Checkpoints;

/// <summary>The reference checkpoints, found by enumeration.</summary>
internal static class ModelFixtures
{
    // Where nothing is found a set is one empty row, so that its test is skipped with the reason instead of failing for want of data.

    /// <summary>Folders with a configuration and weights.</summary>
    public static TheoryData<string> Folders => [.. Find("config.json").Select(Parent).DefaultIfEmpty("")];

    /// <summary>Folders whose configuration is there in the spelling of transformers 4 as well.</summary>
    public static TheoryData<string> TwiceSpelledFolders => [.. Find("config.legacy.json").Select(Parent).DefaultIfEmpty("")];

    /// <summary>Reference numbers of token sequences.</summary>
    public static TheoryData<string> ExpectedSequences => Having("expected.safetensors", HoldsSequences);

    /// <summary>Files of a name, where they fit.</summary>
    public static TheoryData<string> Having(string pattern, Func<string, bool> fits) => [.. Find(pattern).Where(fits).DefaultIfEmpty("")];

    /// <summary>The file or folder of a row; the test is skipped, with the reason, where the row stands for "none found".</summary>
    public static string Path(string relative)
    {
        var root = FixtureRoot.Require("models");
        Assert.SkipWhen(relative.Length == 0, "the fixtures 'models' hold no files of this form");
        return System.IO.Path.Combine(root, relative);
    }

    private static bool HoldsSequences(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path(System.IO.Path.ChangeExtension(file, ".json"))));
        return json.RootElement.TryGetProperty("sequences", out _);
    }

    private static string Parent(string file) => System.IO.Path.GetDirectoryName(file)!;

    private static List<string> Find(string pattern)
    {
        var root = FixtureRoot.Find("models");
        return root is null
            ? []
            : [.. Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories)
                .Select(file => System.IO.Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal)];
    }
}

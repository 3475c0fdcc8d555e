namespace ProxyReward.Testing;

/// <summary>
/// Finds reference numbers. <c>PROXYREWARD_FIXTURES</c> names a folder that holds any of the sets; without it each set is taken from the
/// copy in <c>tests/fixtures</c>, else from <c>../shared/fixtures</c> beside the checkout. Tests enumerate what they find, never name it.
/// </summary>
public static class FixtureRoot
{
    /// <summary>The checkout this test was built from.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The folder of a set ("models", "dpo", …), or null where it is absent.</summary>
    public static string? Find(string set)
    {
        var named = Environment.GetEnvironmentVariable("PROXYREWARD_FIXTURES");
        string[] roots = string.IsNullOrEmpty(named)
            ? [Path.Combine(Repository, "tests", "fixtures"), Shared("fixtures")]
            : [named];
        return roots.Select(root => Path.Combine(root, set)).FirstOrDefault(Directory.Exists);
    }

    /// <summary>The folder of a set; the test is skipped, with the reason, where it is absent.</summary>
    public static string Require(string set)
    {
        var folder = Find(set);
        Assert.SkipWhen(folder is null, $"no fixtures '{set}': set PROXYREWARD_FIXTURES, or put them in tests/fixtures or ../shared/fixtures");
        return folder!;
    }

    /// <summary>A set that was made for this project and ships with it, beside what <see cref="Find"/> finds.</summary>
    public static string Shipped(string set) => Path.Combine(Repository, "tests", "fixtures", set);

    /// <summary>A path in the folder "shared" beside the checkout, which holds what is too large or not ours to ship.</summary>
    public static string Shared(params string[] parts) => Path.Combine([Path.GetDirectoryName(Repository)!, "shared", .. parts]);

    /// <summary>A file or folder in "shared"; the test is skipped, with the reason, where it is absent.</summary>
    public static string RequireShared(params string[] parts)
    {
        var path = Shared(parts);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"not on this machine: ../shared/{string.Join('/', parts)}");
        return path;
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ProxyReward.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("ProxyReward.slnx is in no folder above the tests.");
        }

        return folder;
    }
}

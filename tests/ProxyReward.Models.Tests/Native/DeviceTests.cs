using System.Text.RegularExpressions;
using ProxyReward.Models.Native;
using ProxyReward.Testing;

namespace ProxyReward.Models.Tests.Native;

public sealed partial class DeviceTests
{
    [Fact]
    public void No_tensor_is_made_without_its_device()
    {
        var made = Sources().SelectMany(file => File.ReadLines(file).Select((line, i) => (Place: $"{Path.GetFileName(file)}:{i + 1}", Line: line)))
            .Where(line => Factory().IsMatch(line.Line)).ToList();
        Assert.InRange(made.Count, 5, 500); // the rule below must have something to look at
        Assert.Empty(made.Where(line => !Device().IsMatch(line.Line)).Select(line => line.Place));
    }

    [Fact]
    public void The_processor_is_there_and_everything_else_is_refused_with_what_to_do()
    {
        Assert.StartsWith("cpu (used)", Devices.Text(), StringComparison.Ordinal);
        Assert.Null(Devices.Refusal("cpu"));
        Assert.Contains("export --format trl", Devices.Refusal("cuda:0"), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Sources() => new[] { "ProxyReward.Models", "ProxyReward.Lab" }
        .SelectMany(project => Directory.EnumerateFiles(Path.Combine(FixtureRoot.Repository, "src", project), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex(@"(?<![\w.])(torch\.)?(empty|zeros|ones|full|tensor|arange|rand|randn|randint|eye|linspace|from_array|frombuffer|empty_strided)\(")]
    private static partial Regex Factory();

    [GeneratedRegex(@"\bdevice\b|\bCPU\b")]
    private static partial Regex Device();
}

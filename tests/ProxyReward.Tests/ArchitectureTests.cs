using System.Xml.Linq;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using ProxyReward.Testing;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace ProxyReward.Tests;

/// <summary>The arrows of CONTRIBUTING.md.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] Folders =
        ["Questions", "Responses", "Verdicts", "Rewards", "Pairs", "Training", "Evaluation", "Recipes", "Runs"];

    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["ProxyReward"] = [],
        ["ProxyReward.Models"] = ["ProxyReward"],
        ["ProxyReward.Clients"] = ["ProxyReward"],
        ["ProxyReward.Reports"] = ["ProxyReward"],
        ["ProxyReward.Lab"] = ["ProxyReward.Models"],
        ["ProxyReward.Web"] = ["ProxyReward.Reports", "ProxyReward.Clients"],
        ["ProxyReward.Cli"] = ["ProxyReward.Lab", "ProxyReward.Clients", "ProxyReward.Reports", "ProxyReward.Web"],
    };

    private static readonly ArchUnitNET.Domain.Architecture Core = new ArchLoader().LoadAssembly(typeof(RequestException).Assembly).Build();

    public static TheoryData<string, string> LaterFolders =>
        [.. Folders.SelectMany((folder, i) => Folders.Skip(i + 1).Select(later => (folder, later)))];

    public static TheoryData<string> Projects => [.. Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "src")).Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(LaterFolders))]
    public void A_folder_of_the_core_knows_only_those_above_it(string folder, string later) =>
        Types().That().ResideInNamespaceMatching($@"^ProxyReward\.{folder}(\.|$)")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^ProxyReward\.{later}(\.|$)"))
            .WithoutRequiringPositiveResults()
            .Check(Core);

    [Fact]
    public void Every_folder_of_the_core_has_its_place_in_the_order() =>
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(FixtureRoot.Repository, "src", "ProxyReward"))
            .Select(Path.GetFileName).Except([.. Folders, "bin", "obj"], StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_those_its_arrows_point_to(string project)
    {
        Assert.True(Arrows.TryGetValue(project, out var allowed), $"{project} has no place in the architecture");
        Assert.Empty(References(project, "ProjectReference").Select(Path.GetFileNameWithoutExtension).Except(allowed, StringComparer.Ordinal));
    }

    [Fact]
    public void The_core_needs_no_torch_no_network_and_no_console()
    {
        Assert.Equal(["Microsoft.Extensions.AI.Abstractions", "YamlDotNet"], References("ProxyReward", "PackageReference").Order(StringComparer.Ordinal));
        var used = typeof(RequestException).Assembly.GetReferencedAssemblies().Select(a => a.Name!);
        Assert.DoesNotContain(used, name => name.StartsWith("System.Net", StringComparison.Ordinal) || name is "System.Console" or "TorchSharp");
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(Path.Combine(FixtureRoot.Repository, "src", project, project + ".csproj")).Descendants(kind).Select(r => r.Attribute("Include")!.Value);
}

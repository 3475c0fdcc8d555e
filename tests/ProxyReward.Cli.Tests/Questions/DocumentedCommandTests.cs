using System.Text.RegularExpressions;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Questions;

public sealed partial class DocumentedCommandTests
{
    public static TheoryData<string> Commands => [.. Files().SelectMany(CommandsOf)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_of_the_examples_is_one_of_ours(string command)
    {
        // No variable of a shell changes how a command parses.
        var words = Variable().Replace(command, "2").Replace("\"", "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var parsed = Verbs.CommandLine(TextWriter.Null, TextWriter.Null).Root().Parse(words[1..]);
        Assert.Empty(parsed.Errors.Select(error => error.Message));
    }

    [Fact]
    public void Every_example_holds_commands() => Assert.All(Files(), file => Assert.NotEmpty(CommandsOf(file)));

    private static string[] Files() =>
        [.. Directory.GetFiles(Path.Combine(FixtureRoot.Repository, "deploy"), "*questions*"), Path.Combine(FixtureRoot.Repository, "docs", "questions.md"), Path.Combine(FixtureRoot.Repository, "docs", "readers.md"), Path.Combine(FixtureRoot.Repository, "docs", "models.md")];

    private static IEnumerable<string> CommandsOf(string file) =>
        Command().Matches(Continued().Replace(File.ReadAllText(file), " ").Replace("dotnet \"$PROGRAM\"", "proxyreward", StringComparison.Ordinal)).Select(match => match.Value.Trim());

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"(?<=^\s*)proxyreward (questions|read|reread|export) .*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Command();

    [GeneratedRegex(@"\$\(\([^)]*\)\)|\$[A-Z_]+")]
    private static partial Regex Variable();
}

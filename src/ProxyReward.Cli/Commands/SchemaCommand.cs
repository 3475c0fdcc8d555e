using System.CommandLine;
using ProxyReward.Recipes;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Commands;

/// <summary><c>schema NAME</c>: the JSON schemas that ship in recipes/ and docs/.</summary>
internal static class SchemaCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "recipe or summary" };
        name.AcceptOnlyFromAmong("recipe", "summary");
        var command = new Command("schema", "Prints the JSON schema of recipes, for editors, or of summary.json") { name };
        command.SetAction(parsed =>
        {
            terminal.Output.Write(parsed.GetRequiredValue(name) == "recipe" ? RecipeFile.Schema() : RunSummary.JsonSchema());
            return ExitCode.Done;
        });
        return command;
    }
}

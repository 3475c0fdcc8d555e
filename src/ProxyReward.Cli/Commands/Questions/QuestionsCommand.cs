using System.CommandLine;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary><c>questions …</c>: writes, checks and prepares question sets (step 1 of the method).</summary>
internal static class QuestionsCommand
{
    public static Command Create(Terminal terminal) => new("questions", "Writes, checks and prepares question sets")
    {
        GenerateCommand.Create(terminal),
        CheckCommand.Create(terminal),
        TwinsCommand.Create(terminal),
        SplitCommand.Create(terminal),
        ImportCommand.Create(terminal),
        MergeCommand.Create(terminal),
        PromptsCommand.Create(terminal),
    };

    /// <summary>A set to read.</summary>
    public static Argument<string> Set() => new("set") { Description = "A question set, JSONL" };

    /// <summary>Where a set is written.</summary>
    public static Option<string> Out(string description = "The question set to write, JSONL") => new("--out") { Description = description, Required = true };

    /// <summary>The domains of a plan; generate and merge must be given the same.</summary>
    public static Option<string[]> Domains() => new("--domains")
    {
        Description = "The domains, each with an equal share of the questions",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. Clients.Writing.WritingOptions.ProxyQaDomains],
    };
}

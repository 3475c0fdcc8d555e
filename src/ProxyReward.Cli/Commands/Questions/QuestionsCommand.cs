using System.CommandLine;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary><c>questions …</c>: writes, checks and prepares question sets (step 1 of the method).</summary>
internal static class QuestionsCommand
{
    /// <param name="terminal">Where it prints.</param>
    /// <param name="hub">Where the cache of the Hub is; asked when a command needs it.</param>
    public static Command Create(Terminal terminal, Func<HubOptions> hub) => new("questions", "Writes, checks and prepares question sets")
    {
        GenerateCommand.Create(terminal, hub),
        CheckCommand.Create(terminal, hub),
        TwinsCommand.Create(terminal, hub),
        SplitCommand.Create(terminal),
        ImportCommand.Create(terminal, hub),
        MergeCommand.Create(terminal),
        PromptsCommand.Create(terminal),
    };

    /// <summary>A set to read.</summary>
    public static Argument<string> Set() => new("set") { Description = "A question set, JSONL, for example data/open-questions/open-questions.jsonl" };

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

using System.CommandLine;
using ProxyReward.Clients.Prompts;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary><c>questions prompts</c>: what models are asked, word for word.</summary>
internal static class PromptsCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string?>("name") { Description = "One of them, to see it whole", Arity = ArgumentArity.ZeroOrOne };
        var folder = new Option<string?>("--prompts") { Description = "A folder with prompt files that replace the built-in ones" };
        var command = new Command("prompts", "Lists the prompts that models are asked with, each with its hash (a changed prompt is asked anew); or shows one") { name, folder };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(name) is { } one)
            {
                terminal.Output.Write(Prompt.Load(one, parsed.GetValue(folder)).Text);
                return ExitCode.Done;
            }

            foreach (var prompt in Prompt.Names.Select(each => Prompt.Load(each, parsed.GetValue(folder))))
            {
                terminal.Output.WriteLine($"{prompt.Hash}  {prompt.Name}");
            }

            return ExitCode.Done;
        });
        return command;
    }
}

using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using ProxyReward.Cli.Commands;
using ProxyReward.Cli.Commands.Questions;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Cli;

/// <summary>The command line: parses, calls, prints. Standard output carries results, standard error the rest.</summary>
/// <param name="composition">Puts together what recipes name.</param>
/// <param name="writeReport">Writes report.html of a run folder and returns its path.</param>
/// <param name="output">Results.</param>
/// <param name="error">The rest.</param>
/// <param name="variable">Reads a variable of the environment; null: that of the process.</param>
internal sealed class CommandLine(
    Composition composition, Func<string, string> writeReport, TextWriter output, TextWriter error, Func<string, string?>? variable = null)
{
    /// <summary>Runs a command.</summary>
    /// <returns>0 done, 1 the work failed, 2 the request was wrong, 70 this program is wrong, 130 interrupted and resumable.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var parsed = Root().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            if (parsed.Action is ParseErrorAction action)
            {
                action.ShowHelp = false; // the errors, and for a typo the nearest words
            }

            await parsed.InvokeAsync(new() { Output = error, Error = error }, cancellationToken);
            await error.WriteLineAsync($"See `{NameOf(parsed.CommandResult)} --help`.");
            return ExitCode.WrongRequest;
        }

        try
        {
            return await parsed.InvokeAsync(
                new() { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken);
        }
        catch (RequestException e)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCode.WrongRequest;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await error.WriteLineAsync("Interrupted. The same command goes on from here.");
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is EndpointException or BudgetException)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCode.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or OutOfMemoryException or ArithmeticException or ExternalException)
        {
            await error.WriteLineAsync($"The work failed: {e.Message}\nMend the cause and give the same command again: a run, a training and a cache of answers go on from what is on disk.");
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            await error.WriteLineAsync(
                $"`{NameOf(parsed.CommandResult)}` met a defect of this program: {e.GetType().Name}{(e.TargetSite is { } site ? $" in {site.DeclaringType?.Name}.{site.Name}" : "")}: {e.Message}\n"
                + "Please report it with these lines and the command. What was written is kept: a run, a training and a cache of answers go on from what is on disk.");
            return ExitCode.Defect;
        }
    }

    /// <summary>Every verb with its options.</summary>
    internal RootCommand Root()
    {
        var terminal = new Terminal(output, error);
        var root = new RootCommand(
            "ProxyReward: a language model that writes better long answers, without gold references. Begin with `run recipes/pocket.yaml`.\n"
            + "Exit codes: 0 done, 1 the work failed, 2 the request was wrong, 70 this program was wrong, 130 interrupted (the same command goes on).");
        root.Add(RunCommand.Create(composition, writeReport, terminal));
        foreach (var verb in StageCommands.Create(composition, terminal))
        {
            root.Add(verb);
        }

        root.Add(ReadCommand.Create(composition, terminal));
        root.Add(TrainCommand.Create(composition, terminal, () => HubOptions.FromEnvironment(variable)));
        root.Add(QuestionsCommand.Create(terminal, () => HubOptions.FromEnvironment(variable)));
        root.Add(ReportCommand.Create(writeReport, terminal));
        root.Add(RereadCommand.Create(composition, writeReport, terminal));
        root.Add(CompareCommand.Create(terminal));
        root.Add(ExportCommand.Create(terminal));
        root.Add(ModelsCommand.Create(terminal, () => HubOptions.FromEnvironment(variable)));
        root.Add(LabCommand.Create(terminal));
        root.Add(DoctorCommand.Create(composition, terminal));
        root.Add(SchemaCommand.Create(terminal));
        RefuseEmpty(root);
        return root;
    }

    // No value of ours is ever empty: one that is comes from a variable of the shell that nobody set.
    private static void RefuseEmpty(Command command)
    {
        const string Mend = "is empty, perhaps a variable of the shell that is not set. Give a value, or leave it out";
        foreach (var option in command.Options)
        {
            option.Validators.Add(result => Check(result, option.Name));
        }

        foreach (var argument in command.Arguments)
        {
            argument.Validators.Add(result => Check(result, argument.Name));
        }

        foreach (var verb in command.Subcommands)
        {
            RefuseEmpty(verb);
        }

        static void Check(SymbolResult result, string name)
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
            {
                result.AddError($"{name}: {Mend}.");
            }
        }
    }

    private static string NameOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{NameOf(parent)} {result.Command.Name}" : "proxyreward";
}

/// <summary>What the process says when it ends.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongRequest = 2;
    public const int Defect = 70; // EX_SOFTWARE of sysexits.h
    public const int Interrupted = 130;
}

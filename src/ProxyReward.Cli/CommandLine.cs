using System.CommandLine;
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
    /// <returns>0 done, 1 the work failed, 2 the request was wrong, 130 interrupted and resumable.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var parsed = Root().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            await error.WriteLineAsync($"{string.Join('\n', parsed.Errors.Select(e => e.Message))}\nSee --help for the commands and their options.");
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or OutOfMemoryException or ArithmeticException)
        {
            await error.WriteLineAsync($"The work failed: {e.Message}\nNothing that was finished is lost: mend the cause, and the same command goes on from there.");
            return ExitCode.Failed;
        }
    }

    /// <summary>Every verb with its options.</summary>
    internal RootCommand Root()
    {
        var terminal = new Terminal(output, error);
        var root = new RootCommand("ProxyReward: a language model that writes better long answers, without gold references.");
        root.Add(RunCommand.Create(composition, writeReport, terminal));
        foreach (var verb in StageCommands.Create(composition, terminal))
        {
            root.Add(verb);
        }

        root.Add(ReadCommand.Create(composition, terminal));
        root.Add(TrainCommand.Create(composition, terminal, () => HubOptions.FromEnvironment(variable)));
        root.Add(QuestionsCommand.Create(terminal, () => HubOptions.FromEnvironment(variable)));
        root.Add(ReportCommand.Create(writeReport, terminal));
        root.Add(CompareCommand.Create(terminal));
        root.Add(ExportCommand.Create(terminal));
        root.Add(ModelsCommand.Create(terminal, () => HubOptions.FromEnvironment(variable)));
        root.Add(LabCommand.Create(terminal));
        root.Add(DoctorCommand.Create(composition, terminal));
        root.Add(SchemaCommand.Create(terminal));
        return root;
    }
}

/// <summary>What the process says when it ends.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongRequest = 2;
    public const int Interrupted = 130;
}

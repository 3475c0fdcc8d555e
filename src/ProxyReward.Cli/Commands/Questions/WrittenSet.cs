using ProxyReward.Clients.Writing;
using ProxyReward.Questions;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary>Saves what a model wrote and names what it did not.</summary>
internal static class WrittenSet
{
    public static int Save(WritingResult written, string path, bool mayBeEmpty, Terminal terminal)
    {
        foreach (var problem in written.Problems)
        {
            terminal.Error.WriteLine(problem);
        }

        if (written.Questions.Count == 0 && !mayBeEmpty)
        {
            terminal.Error.WriteLine($"{path}: not written, for no question was.");
            return ExitCode.Failed;
        }

        QuestionSet.Save(path, written.Questions);
        terminal.Output.WriteLine($"{path}: {written.Questions.Count} questions, {written.Questions.Sum(question => question.Proxies.Count)} proxies");
        return written.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}

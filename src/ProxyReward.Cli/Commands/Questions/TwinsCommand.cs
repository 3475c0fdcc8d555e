using System.CommandLine;
using ProxyReward.Clients.Writing;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Questions;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary><c>questions twins SET</c>: a negated twin behind each proxy.</summary>
internal static class TwinsCommand
{
    public static Command Create(Terminal terminal, Func<HubOptions> hub)
    {
        var set = QuestionsCommand.Set();
        var path = QuestionsCommand.Out();
        var model = new ModelOptions(hub, required: false, estimates: false);
        var command = model.AddTo(new Command("twins", "Puts a negated statement behind each proxy: by rule where that is certain, by --model, if one is named, where it is not") { set, path });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var questions = QuestionSet.Load(parsed.GetRequiredValue(set));
            OutPath.PrepareFile("--out", parsed.GetRequiredValue(path));
            using var session = model.Open(parsed, terminal);
            var twins = await new TwinWriter(session?.Asker).WriteAsync(questions, cancellationToken);
            QuestionSet.Save(parsed.GetRequiredValue(path), twins.Questions);
            foreach (var id in twins.Without)
            {
                await terminal.Error.WriteLineAsync($"{id}: no twin");
            }

            var added = twins.Questions.Sum(question => question.Proxies.Count) - questions.Sum(question => question.Proxies.Count);
            await terminal.Output.WriteLineAsync($"{parsed.GetRequiredValue(path)}: {added} twins added, {twins.Without.Count} proxies without");
            return ExitCode.Done;
        });
        return command;
    }
}

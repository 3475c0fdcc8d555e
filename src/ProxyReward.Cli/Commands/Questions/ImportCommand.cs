using System.CommandLine;
using ProxyReward.Clients.Import;
using ProxyReward.Clients.Writing;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary><c>questions import PATH</c>: a set of others, and with a model the proxies it lacks.</summary>
internal static class ImportCommand
{
    public static Command Create(Terminal terminal, Func<HubOptions> hub)
    {
        var defaults = new WritingOptions();
        var source = new Argument<string>("source") { Description = "A .jsonl or .parquet file, or a folder made by save_to_disk" };
        var path = QuestionsCommand.Out();
        var proxies = NumberOption.Create("--proxies", "With --model: proxies to write to a question that has none", defaults.Proxies, 1, 100);
        var share = NumberOption.Create("--share-true", "With --model: share of them whose answer is True, 0 to 1", defaults.ShareTrue, 0, 1);
        var model = new ModelOptions(hub, required: false, estimates: false, proxies, share);
        var command = model.AddTo(new Command("import", "Turns a question set of others into one of ours; --model writes the proxies that are missing") { source, path });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var from = parsed.GetRequiredValue(source);
            var questions = await QuestionImport.LoadAsync(from, cancellationToken);
            var options = new WritingOptions { Proxies = parsed.GetValue(proxies), ShareTrue = parsed.GetValue(share) }.Validated();
            OutPath.PrepareFile("--out", parsed.GetRequiredValue(path));
            using var session = model.Open(parsed, terminal);
            var bare = questions.Where(question => question.Proxies.Count == 0).ToList();
            if (session is null && bare.Count > 0)
            {
                throw new RequestException(
                    $"{from}: {bare.Count} of {questions.Count} questions have no proxies, the first is '{bare[0].Id}'; have them written with --model.");
            }

            var written = session is null
                ? new WritingResult(questions, [])
                : await new QuestionWriter(session.Asker, options).CompleteAsync(questions, id => terminal.Error.WriteLine(id), cancellationToken);
            return WrittenSet.Save(written, parsed.GetRequiredValue(path), mayBeEmpty: false, terminal);
        });
        return command;
    }
}

using System.CommandLine;
using ProxyReward.Clients.Writing;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Questions;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary><c>questions generate</c>: a model writes meta-questions over domains, and to each its proxies.</summary>
internal static class GenerateCommand
{
    public static Command Create(Terminal terminal, Func<HubOptions> hub)
    {
        var defaults = new WritingOptions();
        var model = new ModelOptions(hub, required: true);
        var domains = QuestionsCommand.Domains();
        var count = NumberOption.Create("--count", "Meta-questions in all", defaults.Count, 1, 1_000_000);
        var proxies = NumberOption.Create("--proxies", "Proxies to a meta-question", defaults.Proxies, 1, 100);
        var share = NumberOption.Create("--share-true", "Share of proxies whose answer is True, 0 to 1", defaults.ShareTrue, 0, 1);
        var shard = new Option<string>("--shard") { Description = "i/n: this process writes every n-th domain, to NAME.i-of-n.jsonl", DefaultValueFactory = _ => "1/1" };
        var path = QuestionsCommand.Out();
        var command = model.AddTo(new Command("generate", "Has a model write a question set: meta-questions over domains, and true/false proxies to each") { domains, count, proxies, share, shard, path });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var part = Shard.Parse(parsed.GetRequiredValue(shard));
            var options = new WritingOptions
            {
                Domains = parsed.GetRequiredValue(domains),
                Count = parsed.GetValue(count),
                Proxies = parsed.GetValue(proxies),
                ShareTrue = parsed.GetValue(share),
            }.Validated();
            var set = part.PathOf(parsed.GetRequiredValue(path));
            OutPath.PrepareFile("--out", set);
            using var session = model.Open(parsed, terminal)!;
            var writer = new QuestionWriter(session.Asker, options);
            if (session.DryRun)
            {
                return session.Print(writer.Estimate(part, session.Prices));
            }

            var written = await writer.WriteAsync(part, id => terminal.Error.WriteLine(id), cancellationToken);

            // A shard beyond the domains has nothing to do, and its empty file says so to the merge.
            return WrittenSet.Save(written, set, mayBeEmpty: part.Of(writer.Plan).Count == 0, terminal);
        });
        return command;
    }
}

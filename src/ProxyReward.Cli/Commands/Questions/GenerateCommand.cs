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
        var count = new Option<int>("--count") { Description = "Meta-questions in all", DefaultValueFactory = _ => defaults.Count };
        var proxies = new Option<int>("--proxies") { Description = "Proxies to a meta-question", DefaultValueFactory = _ => defaults.Proxies };
        var share = new Option<double>("--share-true") { Description = "Share of proxies whose answer is True", DefaultValueFactory = _ => defaults.ShareTrue };
        var shard = new Option<string>("--shard") { Description = "i/n: this process writes every n-th domain, to NAME.i-of-n.jsonl", DefaultValueFactory = _ => "1/1" };
        var path = QuestionsCommand.Out();
        var command = model.AddTo(new Command("generate", "Has a model write a question set") { domains, count, proxies, share, shard, path });
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
            using var session = model.Open(parsed, terminal)!;
            var writer = new QuestionWriter(session.Asker, options);
            if (session.DryRun)
            {
                return session.Print(writer.Estimate(part, session.Prices));
            }

            var written = await writer.WriteAsync(part, id => terminal.Error.WriteLine(id), cancellationToken);

            // A shard beyond the domains has nothing to do, and its empty file says so to the merge.
            return WrittenSet.Save(written, part.PathOf(parsed.GetRequiredValue(path)), mayBeEmpty: part.Of(writer.Plan).Count == 0, terminal);
        });
        return command;
    }
}

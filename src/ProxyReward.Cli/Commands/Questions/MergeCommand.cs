using System.CommandLine;
using ProxyReward.Questions;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary><c>questions merge</c>: the outputs of the shards of one <c>generate</c>, in the order of an unsharded run.</summary>
internal static class MergeCommand
{
    public static Command Create(Terminal terminal)
    {
        var path = QuestionsCommand.Out("The --out that the shards were given");
        var shards = NumberOption.Create("--shards", "How many shards there were", 2, 10_000);
        shards.Required = true;
        var domains = QuestionsCommand.Domains();
        var command = new Command("merge", "Puts the parts that generate --shard wrote together") { path, shards, domains };
        command.SetAction(parsed =>
        {
            var (output, count) = (parsed.GetRequiredValue(path), parsed.GetValue(shards)!.Value);
            string[] parts = [.. Enumerable.Range(1, count).Select(i => new Shard(i, count).PathOf(output))];
            var plan = Plan(parts, parsed.GetRequiredValue(domains));
            Shard.Merge(plan, parts, output);
            terminal.Output.WriteLine($"{output}: {plan.Count} questions of {count} shards");
            return ExitCode.Done;
        });
        return command;
    }

    // A domain is written whole by one shard, so the order of domains and that within the parts is the order of an unsharded run.
    private static List<string> Plan(string[] parts, string[] domains)
    {
        var places = domains.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var plan = new List<(int Domain, string Id)>();

        // A shard beyond the domains had nothing to write.
        foreach (var part in parts.Where(part => !File.Exists(part) || new FileInfo(part).Length > 0))
        {
            foreach (var question in QuestionSet.Load(part))
            {
                plan.Add(places.TryGetValue(question.Domain, out var place)
                    ? (place, question.Id)
                    : throw new RequestException($"{part}: '{question.Id}' is of the domain '{question.Domain}', which --domains does not name; give those of the shards."));
            }
        }

        return [.. plan.OrderBy(entry => entry.Domain).Select(entry => entry.Id).Distinct(StringComparer.Ordinal)];
    }
}

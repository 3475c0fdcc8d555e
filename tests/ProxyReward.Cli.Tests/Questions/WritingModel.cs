using System.Text.Json;
using System.Text.RegularExpressions;
using ProxyReward.Clients.Tests.Fakes;

namespace ProxyReward.Cli.Tests.Questions;

/// <summary>What the fake endpoint says to the prompts of <c>generate</c>: as many as asked for, each of its own words.</summary>
internal static partial class WritingModel
{
    public static FakeReply Reply(JsonElement body)
    {
        var text = FakeEndpoint.LastMessage(body);
        if (Questions().Match(text) is { Success: true } asked)
        {
            return Says(new { meta_questions = Enumerable.Range(1, int.Parse(asked.Groups[1].Value)).Select(i => $"Write about {asked.Groups[2].Value} {i}.") });
        }

        var numbers = Numbers().Match(text);
        var (yes, no) = (int.Parse(numbers.Groups[1].Value), int.Parse(numbers.Groups[2].Value));
        var subject = Subject().Match(text).Groups[1].Value;
        return Says(new
        {
            proxies = Enumerable.Range(0, yes + no).Select(i => new { statement = $"Fact{i} holds{i} for {subject}.", answer = i < yes, rationale = "because", importance = 4 }),
        });

        static FakeReply Says(object reply) => FakeReply.Says(JsonSerializer.Serialize(reply));
    }

    [GeneratedRegex("Write ([0-9]+) meta-questions in the domain \"(.*)\"")]
    private static partial Regex Questions();

    [GeneratedRegex("([0-9]+) of them true, ([0-9]+) of them false")]
    private static partial Regex Numbers();

    [GeneratedRegex("<question>\nWrite about (.*)\\.\n</question>")]
    private static partial Regex Subject();
}

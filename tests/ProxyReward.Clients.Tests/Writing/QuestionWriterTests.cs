using System.Text.Json;
using System.Text.RegularExpressions;
using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;
using ProxyReward.Clients.Tests.Fakes;
using ProxyReward.Clients.Writing;
using ProxyReward.Questions;

namespace ProxyReward.Clients.Tests.Writing;

public sealed partial class QuestionWriterTests
{
    private static readonly WritingOptions Small = new() { Domains = ["history", "music", "film & art"], Count = 7, Proxies = 5, ShareTrue = 0.8 };

    [Fact]
    public async Task A_set_has_its_domains_counts_balance_and_extras_and_can_be_saved()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = Write;
        var (result, ledger) = await WriteAsync(bench, Shard.Whole);
        Assert.Empty(result.Problems);
        Assert.Equal(
            ["history-001", "history-002", "history-003", "music-001", "music-002", "film-art-001", "film-art-002"], result.Questions.Select(q => q.Id));
        Assert.All(result.Questions, question => Assert.Equal((5, 4), (question.Proxies.Count, question.Proxies.Count(proxy => proxy.Answer))));
        Assert.Equal("film-art-002-05", result.Questions[^1].Proxies[^1].Id);
        Assert.Equal("because", result.Questions[0].Proxies[0].Other!["rationale"].GetString());
        Assert.Equal(4, result.Questions[0].Proxies[0].Other!["importance"].GetInt32());
        var path = Path.Combine(bench.Folder, "set.jsonl");
        QuestionSet.Save(path, result.Questions);
        Assert.Equal(7, QuestionSet.Load(path).Count);

        // 3 requests for meta-questions and 7 for proxies, all by strict schema.
        Assert.Equal(10, Assert.Single(ledger).Requests);
        Assert.All(bench.Server.Bodies, body =>
        {
            var schema = body.GetProperty("response_format").GetProperty("json_schema");
            Assert.True(schema.GetProperty("strict").GetBoolean());
            Assert.False(schema.GetProperty("schema").GetProperty("additionalProperties").GetBoolean());
        });
        var proxy = bench.Server.Bodies.Last().GetProperty("response_format").GetProperty("json_schema").GetProperty("schema")
            .GetProperty("properties").GetProperty("proxies").GetProperty("items");
        Assert.Equal(["statement", "answer", "rationale", "importance"], proxy.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task The_shards_merge_to_the_bytes_of_the_whole()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = Write;
        var whole = Path.Combine(bench.Folder, "whole.jsonl");
        QuestionSet.Save(whole, (await WriteAsync(bench, Shard.Whole)).Result.Questions);
        var merged = Path.Combine(bench.Folder, "merged.jsonl");
        var parts = new List<string>();
        foreach (var shard in new[] { new Shard(2, 2), new Shard(1, 2) })
        {
            parts.Add(shard.PathOf(merged));
            QuestionSet.Save(parts[^1], (await WriteAsync(bench, shard)).Result.Questions);
        }

        Shard.Merge([.. QuestionSet.Load(whole).Select(question => question.Id)], parts, merged);
        Assert.Equal(await File.ReadAllBytesAsync(whole), await File.ReadAllBytesAsync(merged));
        Assert.Equal(10, bench.Server.Bodies.Count);
    }

    [Fact]
    public async Task A_model_that_miscounts_repeats_itself_and_talks_is_asked_for_the_rest()
    {
        await using var bench = await Bench.StartAsync();
        var calls = 0;
        bench.Server.Reply = body =>
        {
            if (!IsForProxies(body))
            {
                return FakeReply.Says("[\"Write about A.\", \"Write about A.\"]");
            }

            return Interlocked.Increment(ref calls) switch
            {
                1 => FakeReply.Says("I would rather talk about it."),
                2 => FakeReply.Says("""{"proxies":[{"statement":"Alpha one."""),
                3 => FakeReply.Says("""{"proxies":[{"statement":"Alpha one.","answer":false},{"statement":"alpha, one","answer":true},{"statement":"Beta two.","answer":false}]}"""),
                _ => FakeReply.Says("""{"proxies":[{"statement":"Gamma three.","answer":true}]}"""),
            };
        };
        var options = new WritingOptions { Domains = ["d"], Count = 1, Proxies = 2, ShareTrue = 0.5 };
        var (result, ledger) = await WriteAsync(bench, Shard.Whole, options, endpoint => endpoint with { StructuredOutput = false });
        Assert.Empty(result.Problems);
        Assert.Equal(["Alpha one.", "Gamma three."], Assert.Single(result.Questions).Proxies.Select(proxy => proxy.Statement));
        Assert.Equal(2, Assert.Single(ledger).ParseFailures);
        Assert.DoesNotContain(bench.Server.Bodies, body => body.TryGetProperty("response_format", out _));
        Assert.Contains("- Alpha one.", FakeEndpoint.LastMessage(bench.Server.Bodies.Last()));
    }

    [Fact]
    public async Task What_a_model_fails_at_is_reported_and_the_rest_is_kept()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = body => FakeEndpoint.LastMessage(body) switch
        {
            var text when IsForProxies(body) && text.Contains("history 2") => FakeReply.Says("", refusal: "I cannot help with that."),
            var text when !IsForProxies(body) && text.Contains("music") => FakeReply.Says("""{"meta_questions":["Write about one thing."]}"""),
            _ => Write(body),
        };
        var (result, ledger) = await WriteAsync(bench, Shard.Whole);
        Assert.Equal(["history-001", "history-003", "music-001", "film-art-001", "film-art-002"], result.Questions.Select(q => q.Id));
        Assert.Collection(
            result.Problems,
            problem => Assert.Contains("music: only 1 of 2", problem),
            problem => Assert.Contains("history-002: fake-model gave no usable reply to 'proxy-questions' in 3 attempts (allow more, or change the seed): the model refused", problem));
        Assert.Equal((3, 3), (Assert.Single(ledger).Refused, Assert.Single(ledger).ParseFailures));
    }

    [Fact]
    public async Task The_estimate_counts_the_calls_that_will_be_made()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = Write;
        using var store = RequestStore.Open(bench.StorePath);
        using var client = bench.Open(store);
        var writer = new QuestionWriter(new Asker(client, bench.Server.Options, new AskOptions()), Small);
        var prices = new PriceTable(new Dictionary<string, Price> { ["fake-model"] = new(1, 2) });
        var estimate = writer.Estimate(Shard.Whole, prices);

        // 3 requests of 10 meta-questions at 30 tokens, 7 requests of 5 proxies at 60.
        Assert.Equal((10, (3 * 10 * 30) + (7 * 5 * 60)), (estimate.Calls, estimate.OutputTokens));
        Assert.Equal((estimate.InputTokens + (2m * estimate.OutputTokens)) / 1_000_000m, estimate.Cost);
        Assert.Empty(bench.Server.Bodies);
        Assert.Null(writer.Estimate(Shard.Whole, PriceTable.Empty).Cost);
    }

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        Assert.Throws<RequestException>(() => new WritingOptions { Domains = [] }.Validated());
        Assert.Throws<RequestException>(() => new WritingOptions { Domains = ["a b", "A-B"] }.Validated());
        Assert.Throws<RequestException>(() => new WritingOptions { Domains = ["++"] }.Validated());
        Assert.Throws<RequestException>(() => new WritingOptions { Count = 0 }.Validated());
        Assert.Throws<RequestException>(() => new WritingOptions { Proxies = 0 }.Validated());
        Assert.Throws<RequestException>(() => new WritingOptions { ShareTrue = double.NaN }.Validated());
    }

    private static async Task<(WritingResult Result, IReadOnlyList<LedgerLine> Ledger)> WriteAsync(
        Bench bench, Shard shard, WritingOptions? options = null, Func<EndpointOptions, EndpointOptions>? change = null)
    {
        var endpoint = change?.Invoke(bench.Server.Options) ?? bench.Server.Options;
        using var store = RequestStore.Open(bench.StorePath);
        using var client = bench.Open(store, change);
        var result = await new QuestionWriter(new Asker(client, endpoint, new AskOptions()), options ?? Small)
            .WriteAsync(shard, null, CancellationToken.None);
        return (result, store.Summary());
    }

    private static bool IsForProxies(JsonElement body) => FakeEndpoint.LastMessage(body).Contains("<question>");

    // As many as asked for, each of its own words.
    private static FakeReply Write(JsonElement body)
    {
        var text = FakeEndpoint.LastMessage(body);
        if (!IsForProxies(body))
        {
            var (count, domain) = (int.Parse(Count().Match(text).Groups[1].Value), Count().Match(text).Groups[2].Value);
            return Says(new { meta_questions = Enumerable.Range(1, count).Select(i => $"Write about {domain} {i}.") });
        }

        var numbers = Numbers().Match(text);
        var subject = Subject().Match(text).Groups[1].Value;
        return Says(new
        {
            proxies = Enumerable.Range(0, int.Parse(numbers.Groups[1].Value) + int.Parse(numbers.Groups[2].Value)).Select(i => new
            {
                statement = $"Fact{i} holds{i} for {subject}.",
                answer = i < int.Parse(numbers.Groups[1].Value),
                rationale = "because",
                importance = 4,
            }),
        });

        static FakeReply Says(object reply) => FakeReply.Says(JsonSerializer.Serialize(reply));
    }

    [GeneratedRegex("Write ([0-9]+) meta-questions in the domain \"(.*)\"")]
    private static partial Regex Count();

    [GeneratedRegex("([0-9]+) of them true, ([0-9]+) of them false")]
    private static partial Regex Numbers();

    [GeneratedRegex("<question>\nWrite about (.*)\\.\n</question>")]
    private static partial Regex Subject();
}

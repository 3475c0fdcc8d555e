using System.Text.Json;
using ProxyReward.Clients.Tests.Fakes;
using ProxyReward.Questions;

namespace ProxyReward.Cli.Tests.Questions;

public sealed class HostedVerbTests : WritingServerTests
{
    private readonly Verbs verbs = new();

    [Fact]
    public async Task Two_shards_merge_to_the_bytes_of_the_whole()
    {
        Assert.Equal(0, await Generate("whole.jsonl", "whole.sqlite"));
        foreach (var shard in new[] { "2/2", "1/2" })
        {
            Assert.Equal(0, await Generate("set.jsonl", $"{shard[0]}.sqlite", "--shard", shard));
        }

        Assert.Equal(0, await verbs.RunAsync("merge", "--out", Folder["set.jsonl"], "--shards", "2", "--domains", "music", "history", "film"));
        Assert.Equal(File.ReadAllBytes(Folder["whole.jsonl"]), File.ReadAllBytes(Folder["set.jsonl"]));
        Assert.Equal(["music-001", "music-002", "history-001", "film-001"], QuestionSet.Load(Folder["set.jsonl"]).Select(question => question.Id));
    }

    [Fact]
    public async Task A_dry_run_prints_calls_and_cost_and_asks_nothing()
    {
        // 3 requests for meta-questions and 4 for proxies, 3 × 300 + 4 × 5 × 60 = 2100 tokens of answers at $1 a million.
        Assert.Equal(0, await Generate("set.jsonl", "c.sqlite", "--dry-run", "--price-in", "0", "--price-out", "1"));
        Assert.Matches(@"\| questions generate \| fake-model \| 7 \| about [0-9]+ \| about 2100 \| \$0\.0021 \|", verbs.Output);
        Assert.Empty(Server.Bodies);
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--html", "gate.html")]
    [InlineData("--fix", "mended.jsonl")]
    public async Task A_dry_run_of_a_check_refuses_what_it_would_not_write(params string[] options)
    {
        QuestionSet.Save(Folder["set.jsonl"], ProxyReward.Testing.FakeLab.Questions("train", 1));
        Assert.Equal(2, await verbs.RunAsync(["check", Folder["set.jsonl"], "--dry-run", .. Model("c.sqlite"), options[0], .. options[1..].Select(name => Folder[name])]));
        Assert.Contains($"{options[0]}: --dry-run checks nothing", verbs.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_stops_it_and_a_larger_one_goes_on()
    {
        Assert.Equal(1, await Generate("set.jsonl", "c.sqlite", "--concurrency", "1", "--budget-requests", "3"));
        Assert.Contains("The budget is used up: spent ", verbs.Error, StringComparison.Ordinal);
        Assert.Contains("| questions generate | fake-model | 3 | 0 | 30 | 60 | unknown |", verbs.Error, StringComparison.Ordinal);
        Assert.Equal(0, await Generate("set.jsonl", "c.sqlite", "--concurrency", "1", "--budget-requests", "7"));
        Assert.Equal(7, Server.Bodies.Count);
        Assert.Contains("| questions generate | fake-model | 7 | 3 | 70 | 140 | unknown |", verbs.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "no key", 2, "--api-key-env")]
    [InlineData(429, "insufficient_quota", 1, "quota is used up")]
    public async Task What_the_endpoint_refuses_is_told_in_words_with_the_ledger(int status, string said, int code, string told)
    {
        Server.Reply = _ => FakeReply.Error(status, said);
        Assert.Equal(code, await Generate("set.jsonl", "c.sqlite"));
        Assert.Contains(told, verbs.Error, StringComparison.Ordinal);
        Assert.Contains("Ledger of ", verbs.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Folder["set.jsonl"]));
    }

    [Fact]
    public async Task A_check_with_a_model_rejects_what_the_model_rejects()
    {
        Assert.Equal(0, await Generate("set.jsonl", "c.sqlite"));
        Server.Reply = body => FakeReply.Says(JsonSerializer.Serialize(new
        {
            statements = Enumerable.Range(1, 5).Select(i => new { number = i, relevant = i != 2, answerable = true, atomic = true, stable = true, reason = "off" }),
        }));
        Assert.Equal(1, await verbs.RunAsync(["check", Folder["set.jsonl"], "--rules", "judge", .. Model("c.sqlite")]));
        Assert.Contains("| relevance | 4 | 0 |", verbs.Output, StringComparison.Ordinal);
        Assert.Contains("music-001-02: rejected, relevance: ", verbs.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_check_rejects_is_replaced_and_the_mended_set_passes()
    {
        Assert.Equal(0, await Generate("set.jsonl", "c.sqlite"));
        Server.Reply = body => FakeEndpoint.LastMessage(body).Contains("did not pass a check", StringComparison.Ordinal)
            ? FakeReply.Says("""{"proxies":[{"statement":"A quite different matter is settled.","answer":true}]}""")
            : FakeReply.Says(JsonSerializer.Serialize(new
            {
                statements = Enumerable.Range(1, 5).Select(i => new
                {
                    number = i,
                    relevant = !FakeEndpoint.LastMessage(body).Contains($"{i}. Fact1 holds1 for film", StringComparison.Ordinal),
                    answerable = true,
                    atomic = true,
                    stable = true,
                    reason = "off",
                }),
            }));
        Assert.Equal(0, await verbs.RunAsync(["check", Folder["set.jsonl"], "--rules", "judge", "--fix", Folder["mended.jsonl"], "--html", Folder["gate.html"], .. Model("c.sqlite")]));
        Assert.Contains("replaced: film-001-02: rejected, relevance: ", verbs.Error, StringComparison.Ordinal);
        var mended = QuestionSet.Load(Folder["mended.jsonl"]);
        Assert.Equal(20, mended.Sum(question => question.Proxies.Count));
        Assert.Equal(("film-001-06", true), (mended[^1].Proxies[^1].Id, mended[^1].Proxies[^1].Answer));
        Assert.Contains("4 meta-questions", File.ReadAllText(Folder["gate.html"]), StringComparison.Ordinal);
    }

    private Task<int> Generate(string output, string cache, params string[] more) => verbs.RunAsync(
        ["generate", "--domains", "music", "history", "film", "--count", "4", "--proxies", "5", "--out", Folder[output], .. Model(cache), .. more]);

    private string[] Model(string cache) => ["--model", "fake-model", "--endpoint", Server.Address.ToString(), "--cache", Folder[cache]];
}

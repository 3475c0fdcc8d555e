using System.Text.Json;
using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Checking;
using ProxyReward.Clients.Requests;
using ProxyReward.Clients.Tests.Fakes;
using ProxyReward.Clients.Writing;
using ProxyReward.Questions;
using ProxyReward.Questions.Gate;

namespace ProxyReward.Clients.Tests.Checking;

public sealed class QuestionGateTests
{
    private static readonly GateOptions Loose = new() { LeastProxies = 1, LeastTrue = 0, MostTrue = 1 };

    private static readonly IReadOnlyList<MetaQuestion> Set =
    [
        Question("rome", "Romulus founded the city.", true, "Bananas taste sweet.", true, "Nero was the first emperor.", false, "Caesar crossed the Rubicon.", false),
        Question("jazz", "New Orleans shaped the music.", true, "Louis Armstrong played the harp.", false),
    ];

    [Fact]
    public async Task Each_model_rule_finds_what_its_model_says_and_nothing_is_lost()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = Say;
        using var store = RequestStore.Open(bench.StorePath);
        using var client = bench.Open(store);
        var asker = new Asker(client, bench.Server.Options, new AskOptions());
        var gate = new QuestionGate(Loose, new GateModels(asker, asker, asker));
        var prices = new PriceTable(new Dictionary<string, Price> { ["fake-model"] = new(1, 1) });
        Assert.Equal([2L, 2, 2], gate.Estimate(Set, prices).Select(estimate => estimate.Calls));

        var checkedIds = new System.Collections.Concurrent.ConcurrentBag<string>();
        var report = await gate.CheckAsync(Set, checkedIds.Add, CancellationToken.None);
        Assert.Equal(
            [
                ("relevance", GateSeverity.Reject, "rome-2", "is not about what the question asks for (fake-model: fruit)"),
                ("time", GateSeverity.Reject, "rome-2", "will not stay true (fake-model: fruit)"),
                ("closed_book", GateSeverity.Warn, "rome-1", "was answered rightly without a text (fake-model)"),
                ("agreement", GateSeverity.Reject, "rome-4", "is False here and True there (fake-model: in 49 BC)"),
                ("agreement", GateSeverity.Warn, "jazz-2", "is not known to a second model (fake-model)"),
            ],
            report.Findings.Select(finding => (finding.Rule, finding.Severity, finding.ProxyId!, finding.Reason)));
        Assert.Equal(6, checkedIds.Count);
        Assert.Equal(["rome-1", "rome-3", "jazz-1", "jazz-2"], report.Accepted.SelectMany(q => q.Proxies).Select(proxy => proxy.Id));

        // Checked once: asking again would take nothing.
        Assert.Equal([0L, 0, 0], gate.Estimate(Set, prices).Select(estimate => estimate.Calls));
    }

    [Fact]
    public async Task A_model_that_skips_a_statement_is_asked_again_and_then_reported_as_unchecked()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = _ => FakeReply.Says("""{"answers":[{"number":1,"answer":"true"},{"number":1,"answer":"true"}]}""");
        using var store = RequestStore.Open(bench.StorePath);
        using var client = bench.Open(store);
        var second = new Asker(client, bench.Server.Options, new AskOptions());
        var report = await new QuestionGate(Loose, new GateModels(Second: second)).CheckAsync([Set[1]], null, CancellationToken.None);
        var finding = Assert.Single(report.Findings);
        Assert.Equal(("unchecked", GateSeverity.Warn, "jazz"), (finding.Rule, finding.Severity, finding.QuestionId));
        Assert.Contains("each statement from 1 to 2 once", finding.Reason);
        Assert.Equal(3, bench.Server.Bodies.Count);
    }

    [Fact]
    public async Task What_was_rejected_is_replaced_with_the_same_answers_and_fresh_ids()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = body => FakeEndpoint.LastMessage(body) is var text && text.Contains("did not pass a check")
            ? FakeReply.Says("""{"proxies":[{"statement":"Remus was a brother of Romulus.","answer":true},{"statement":"Carthage won the last Punic war.","answer":false}]}""")
            : Say(body);
        using var store = RequestStore.Open(bench.StorePath);
        using var client = bench.Open(store);
        var asker = new Asker(client, bench.Server.Options, new AskOptions());
        var result = await new QuestionGate(Loose, new GateModels(asker, null, asker)).FixAsync(Set, asker, CancellationToken.None);
        Assert.True(result.Report.Passed);
        Assert.Empty(result.Problems);
        Assert.Equal(["rome-2", "rome-2", "rome-4"], result.Replaced.Select(finding => finding.ProxyId));
        Assert.Equal(
            [("rome-1", true), ("rome-3", false), ("rome-05", true), ("rome-06", false)],
            result.Report.Accepted[0].Proxies.Select(proxy => (proxy.Id, proxy.Answer)));
        var asked = bench.Server.Bodies.Select(FakeEndpoint.LastMessage).Single(text => text.Contains("did not pass a check"));
        Assert.Contains("- Bananas taste sweet. (is not about what the question asks for (fake-model: fruit); will not stay true (fake-model: fruit))", asked);
        Assert.Contains("1 of them true, 1 of them false", asked);
    }

    [Fact]
    public async Task Twins_are_made_by_rule_where_it_is_certain_and_by_the_model_where_it_is_not()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Script.Enqueue(FakeReply.Says("""{"negations":[{"number":1,"statement":"Romulus founded the city!"}]}"""));
        bench.Server.Reply = _ => FakeReply.Says("""{"negations":[{"number":1,"statement":"Romulus did not found the city."}]}""");
        using var store = RequestStore.Open(bench.StorePath);
        using var client = bench.Open(store);
        var set = new[] { Question("rome", "Romulus founded the city.", true, "Nero was the first emperor.", false) };
        var asker = new Asker(client, bench.Server.Options, new AskOptions());
        var twins = await new TwinWriter(asker).WriteAsync(set, CancellationToken.None);
        Assert.Empty(twins.Without);
        Assert.Equal(
            [("Romulus founded the city.", true), ("Romulus did not found the city.", false), ("Nero was the first emperor.", false), ("Nero was not the first emperor.", true)],
            twins.Questions[0].Proxies.Select(proxy => (proxy.Statement, proxy.Answer)));
        Assert.Equal(["rome-1"], (await new TwinWriter(null).WriteAsync(set, CancellationToken.None)).Without);
        Assert.Equal(2, bench.Server.Bodies.Count);
    }

    [Fact]
    public async Task The_page_shows_every_finding_and_escapes_what_others_wrote()
    {
        var report = await new QuestionGate(Loose).CheckAsync(
            [new MetaQuestion("<q>", "d", "Write about <b>Rome</b>.", [new ProxyQuestion("p\"1", "Is <script>alert(1)</script> so?", true), new ProxyQuestion("p2", "Romulus & Remus were twins.", true)])],
            null,
            CancellationToken.None);
        var page = GatePage.Html(report, "<set>.jsonl");
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("<b>", page);
        Assert.Contains("<q>Is &lt;script&gt;alert(1)&lt;/script&gt; so?</q> (True, p&quot;1)", page);
        Assert.Contains("<td>form</td><td class=\"n\">1</td><td class=\"n\">0</td>", page);
        Assert.Contains("1 questions with 1 proxies are left", page);
    }

    private static FakeReply Say(JsonElement body)
    {
        var text = FakeEndpoint.LastMessage(body);
        var statements = text.Split("<statements>\n")[1].Split("\n</statements>")[0].Split('\n').Select(line => line.Split(". ", 2)[1]).ToList();
        object reply = text.Contains("relevant") ? new
        {
            statements = statements.Select((statement, i) => new
            {
                number = i + 1,
                relevant = !statement.Contains("Bananas"),
                answerable = true,
                atomic = true,
                stable = !statement.Contains("Bananas"),
                reason = statement.Contains("Bananas") ? "fruit" : "",
            }),
        }
            : text.Contains("The text:") ? Answers(statement => (statement.Contains("Romulus founded") ? "true" : "unknown", ""))
            : Answers(statement =>
                statement.Contains("Rubicon") ? ("True", "in 49 BC")
                : statement.Contains("harp") ? ("unknown", "")
                : (statement.Contains("first emperor") || statement.Contains("Carthage") ? "false" : "true", ""));
        return FakeReply.Says(JsonSerializer.Serialize(reply));

        object Answers(Func<string, (string Answer, string Reason)> answer) => new
        {
            answers = statements.Select((statement, i) => new { number = i + 1, answer = answer(statement).Answer, reason = answer(statement).Reason }).Reverse(),
        };
    }

    private static MetaQuestion Question(string id, params object[] statements) =>
        new(id, "history", $"Write about {id}.", [.. statements.Chunk(2).Select((pair, i) => new ProxyQuestion($"{id}-{i + 1}", (string)pair[0], (bool)pair[1]))]);
}

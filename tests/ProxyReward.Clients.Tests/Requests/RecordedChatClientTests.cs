using Microsoft.Extensions.AI;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;
using ProxyReward.Clients.Tests.Fakes;

namespace ProxyReward.Clients.Tests.Requests;

public sealed class RecordedChatClientTests
{
    // The fake endpoint counts 10 tokens in and 20 out: 10 · $1 + 20 · $4 per million = 90 millionths of a dollar.
    private static readonly PriceTable Prices = new(new Dictionary<string, Price> { ["fake-model"] = new(1, 4) });

    [Fact]
    public async Task An_answer_is_paid_for_once_in_this_process_and_in_the_next()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = _ => FakeReply.Says("once") with { Delay = TimeSpan.FromMilliseconds(50) };
        using (var store = RequestStore.Open(bench.StorePath))
        using (var client = bench.Open(store))
        {
            // Ten equal requests at a time, then one as a stream.
            var all = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.GetResponseAsync("hello")));
            Assert.All(all, response => Assert.Equal(("once", 30L), (response.Text, response.Usage!.TotalTokenCount)));
            Assert.Equal("once", string.Concat(await client.GetStreamingResponseAsync("hello").Select(update => update.Text).ToListAsync()));
            Assert.Equal(10, Assert.Single(store.Summary()).FromCache);
        }

        Assert.Equal("once", (await bench.AskAsync("hello")).Text);
        Assert.Single(bench.Server.Bodies);
    }

    [Fact]
    public async Task The_ledger_adds_up_by_stage()
    {
        await using var bench = await Bench.StartAsync();
        using var store = RequestStore.Open(bench.StorePath);
        using var client = bench.Open(store, options => options with { MaxRetries = 2 }, Prices);
        bench.Server.Script.Enqueue(FakeReply.Error(500, "oops"));
        await Ask("a", "write");
        bench.Server.Script.Enqueue(FakeReply.Says("half", "length"));
        await Ask("b", "write");
        bench.Server.Script.Enqueue(FakeReply.Says("", "content_filter"));
        await Ask("c", "check");
        bench.Server.Script.Enqueue(FakeReply.Says("", refusal: "no"));
        await Ask("d", "check");
        bench.Server.Script.Enqueue(FakeReply.Error(400, "bad"));
        await Assert.ThrowsAsync<RequestException>(() => Ask("e", "check"));
        ChatMessage[] asked = [new(ChatRole.User, "d")];
        client.ParseFailed(asked, new Call("check").On(new ChatOptions()), "no JSON");
        client.ParseFailed(asked, new Call("check").On(new ChatOptions()), "no JSON, read again");

        var lines = store.Summary();
        var zero = TimeSpan.Zero;
        Assert.Equal(new LedgerLine("write", "fake-model", 2, 0, 20, 40, 0.00018m, zero, 1, 0, 1, 0, 0), lines[0] with { MeanLatency = zero });
        Assert.Equal(new LedgerLine("check", "fake-model", 3, 0, 20, 40, 0.00018m, zero, 0, 2, 0, 1, 1), lines[1] with { MeanLatency = zero });

        Task<ChatResponse> Ask(string text, string stage) => client.GetResponseAsync(text, new Call(stage).On(new ChatOptions()));
    }

    [Fact]
    public async Task An_unknown_price_is_unknown_and_no_budget_in_money()
    {
        await using var bench = await Bench.StartAsync();
        using var store = RequestStore.Open(bench.StorePath);
        using var client = bench.Open(store);
        await client.GetResponseAsync("hello");
        Assert.Null(Assert.Single(store.Summary()).Cost);
        var error = Assert.Throws<RequestException>(() => bench.Open(store, budget: new BudgetOptions(Money: 1)));
        Assert.Contains("price of 'fake-model' is unknown", error.Message);
    }

    [Fact]
    public async Task A_budget_stops_before_the_request_that_does_not_fit_and_a_larger_one_goes_on_from_there()
    {
        await using var bench = await Bench.StartAsync();
        string[] prompts = [.. Enumerable.Range(0, 10).Select(i => $"question {i}")];

        // 30 tokens each are spent; the estimate of one is 4 + 3 for the prompt and 33 for the answer. 4 · 30 + 40 = 160 fit, 5 · 30 + 40 do not.
        using (var store = RequestStore.Open(bench.StorePath))
        {
            using var client = bench.Open(store, budget: new BudgetOptions(Tokens: 160));
            var stopped = await Assert.ThrowsAsync<BudgetException>(() => Task.WhenAll(prompts.Select(prompt => Ask(client, prompt))));
            Assert.Contains("150 tokens", stopped.Message);
            Assert.Contains("run again with a larger budget", stopped.Message);
            Assert.Equal(5, bench.Server.Bodies.Count);
        }

        using (var store = RequestStore.Open(bench.StorePath))
        {
            using var small = bench.Open(store, budget: new BudgetOptions(Tokens: 160));
            await Assert.ThrowsAsync<BudgetException>(() => Task.WhenAll(prompts.Select(prompt => Ask(small, prompt))));
            Assert.Equal(5, bench.Server.Bodies.Count);
            using var large = bench.Open(store, budget: new BudgetOptions(Tokens: 1000, Requests: 10));
            await Task.WhenAll(prompts.Select(prompt => Ask(large, prompt)));
            Assert.Equal(10, bench.Server.Bodies.Count);
            await Assert.ThrowsAsync<BudgetException>(() => Ask(large, "one more"));
        }

        static Task<ChatResponse> Ask(IChatClient client, string prompt) =>
            client.GetResponseAsync(prompt, new ChatOptions { MaxOutputTokens = 33 });
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_the_request_to_the_next()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Script.Enqueue(FakeReply.Says("late") with { Delay = TimeSpan.FromSeconds(20) });
        using var store = RequestStore.Open(bench.StorePath);
        using var client = bench.Open(store, options => options with { Concurrency = 1 }, budget: new BudgetOptions(Requests: 2));
        using var giveUp = new CancellationTokenSource();
        var first = client.GetResponseAsync("hello", cancellationToken: giveUp.Token);
        var second = client.GetResponseAsync("hello");
        while (bench.Server.Bodies.IsEmpty)
        {
            await Task.Delay(5);
        }

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal("Fine.", (await second).Text);
    }

    [Fact]
    public async Task A_file_that_is_no_store_is_refused_by_name()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, new string('x', 5000));
        Assert.Contains(path, Assert.Throws<RequestException>(() => RequestStore.Open(path)).Message);
        File.Delete(path);
    }
}

using System.Text.Json;
using Microsoft.Extensions.AI;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;
using ProxyReward.Clients.Tests.Fakes;

namespace ProxyReward.Clients.Tests.Endpoints;

public sealed class FaultTests
{
    [Fact]
    public async Task What_may_pass_is_repeated_until_it_passes()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Script.Enqueue(FakeReply.Error(429, "slow down"));
        bench.Server.Script.Enqueue(FakeReply.Error(500, "oops"));
        bench.Server.Script.Enqueue(FakeReply.Text("<html>bad gateway</html>", 502) with { ContentType = "text/html" });
        bench.Server.Script.Enqueue(FakeReply.Says("whole") with { CutAfter = 20 });
        Assert.Equal("Fine.", (await bench.AskAsync("hello")).Text);
        Assert.Equal(5, bench.Server.Bodies.Count);

        // Doubling from 1 s, each wait in the upper half.
        double[] longest = [1, 2, 4, 8];
        Assert.Equal(4, bench.Time.Waits.Count);
        Assert.All(bench.Time.Waits.Zip(longest), wait => Assert.InRange(wait.First.TotalSeconds, wait.Second / 2, wait.Second));
    }

    [Theory]
    [InlineData("retry-after", "7", 7)]
    [InlineData("retry-after", "0.25", 0.25)]
    [InlineData("retry-after", "Thu, 01 Jan 2026 00:00:09 GMT", 9)]
    [InlineData("retry-after-ms", "1500", 1.5)]
    public async Task The_wait_that_an_endpoint_asks_for_is_kept(string header, string value, double seconds)
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Script.Enqueue(FakeReply.Error(429, "slow down", headers: (header, value)));
        await bench.AskAsync("hello");
        Assert.Equal(seconds, Assert.Single(bench.Time.Waits).TotalSeconds);
    }

    [Fact]
    public async Task A_wait_beyond_all_patience_is_reported_and_not_waited_for()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Script.Enqueue(FakeReply.Error(429, "daily limit", headers: ("retry-after", "7200")));
        var error = await Assert.ThrowsAsync<EndpointException>(() => bench.AskAsync("hello"));
        Assert.Contains("It asks to wait 120 minutes.", error.Message);
        Assert.Empty(bench.Time.Waits);
    }

    public static TheoryData<string, int, string> Hopeless => new()
    {
        { "quota", 1, "quota is used up" },
        { "500", 3, "HTTP 500" },
        { "no json", 2, "no complete JSON" },
        { "no choices", 2, "holds no choices" },
        { "error in a 200", 2, "model overloaded" },
        { "wrong schema", 2, "not the shape of a chat completion" },
        { "html", 2, "text/html, not JSON" },
        { "too large", 2, "larger than" },
        { "cut", 3, "connection broke" },
    };

    [Theory]
    [MemberData(nameof(Hopeless))]
    public async Task What_does_not_pass_fails_with_what_happened_and_how_to_go_on(string fault, int tries, string expected)
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = _ => fault switch
        {
            "quota" => FakeReply.Error(429, "pay", "insufficient_quota"),
            "500" => FakeReply.Error(500, "oops"),
            "no json" => FakeReply.Text("{\"choices\":[{\"mess"),
            "no choices" => FakeReply.Json(new { id = "x", choices = Array.Empty<int>() }),
            "error in a 200" => FakeReply.Json(new { error = new { message = "model overloaded" } }),
            "wrong schema" => FakeReply.Json(new { id = 7, choices = new[] { new { message = "not an object" } } }),
            "html" => FakeReply.Text("<html/>") with { ContentType = "text/html; charset=utf-8" },
            "too large" => FakeReply.Says(new string('x', 10 << 20)),
            _ => FakeReply.Says("whole") with { CutAfter = 20 },
        };
        var error = await Assert.ThrowsAsync<EndpointException>(
            () => bench.AskAsync("hello", options => options with { MaxRetries = 2, MaxAnswerBytes = 1 << 20 }));
        Assert.Contains(expected, error.Message);
        Assert.Contains("run again to go on", error.Message);
        Assert.Equal(tries, bench.Server.Bodies.Count);
    }

    [Theory]
    [InlineData(400, "unknown field response_format", "switch structured output off")]
    [InlineData(401, "who are you", "wants a key")]
    [InlineData(404, "no such model", "knows no model 'fake-model'")]
    [InlineData(302, "moved", "refused the request (HTTP 302)")]
    public async Task A_request_that_is_wrong_is_not_repeated(int status, string said, string expected)
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = _ => FakeReply.Error(status, said, headers: ("location", "/elsewhere"));
        var error = await Assert.ThrowsAsync<RequestException>(() => bench.AskAsync("hello"));
        Assert.Contains(expected, error.Message);
        Assert.Contains("127.0.0.1", error.Message);
        Assert.Single(bench.Server.Bodies);
    }

    [Fact]
    public async Task A_stalled_answer_is_given_up_after_the_timeout()
    {
        await using var server = await FakeEndpoint.StartAsync();
        server.Reply = _ => FakeReply.Says("late") with { Delay = TimeSpan.FromSeconds(20) };
        var folder = Directory.CreateTempSubdirectory("requests").FullName;
        using (var store = RequestStore.Open(Path.Combine(folder, "requests.db")))
        using (var client = HostedModel.Open(server.Options with { Timeout = TimeSpan.FromMilliseconds(300), MaxRetries = 0 }, store))
        {
            var error = await Assert.ThrowsAsync<EndpointException>(() => client.GetResponseAsync("hello"));
            Assert.Contains("no answer within 0.3 s", error.Message);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        await using var bench = await Bench.StartAsync();
        var error = await Assert.ThrowsAsync<EndpointException>(
            () => bench.AskAsync("hello", options => options with { Address = new Uri("http://127.0.0.1:1/v1"), MaxRetries = 1 }));
        Assert.Contains("127.0.0.1:1: cannot be reached", error.Message);
    }

    [Theory]
    [InlineData("eos", "stop")]
    [InlineData("max_tokens", "length")]
    [InlineData("content_filter", "content_filter")]
    public async Task A_finish_reason_of_any_name_does_not_throw_the_answer_away(string sent, string read)
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = _ => FakeReply.Says("kept", sent);
        var response = await bench.AskAsync("hello");
        Assert.Equal(("kept", read), (response.Text, response.FinishReason!.Value.Value));
    }

    [Fact]
    public async Task Ten_megabytes_and_an_id_that_comes_twice_are_no_trouble()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = body => FakeReply.Says(FakeEndpoint.LastMessage(body) == "large" ? new string('x', 10 << 20) : "small");
        Assert.Equal(10 << 20, (await bench.AskAsync("large")).Text.Length);
        Assert.Equal("small", (await bench.AskAsync("small")).Text);
    }

    [Fact]
    public async Task A_refusal_is_an_answer_that_says_so_from_the_wire_and_from_the_cache()
    {
        await using var bench = await Bench.StartAsync();
        bench.Server.Reply = _ => FakeReply.Says("", refusal: "I cannot help with that.");
        for (var i = 0; i < 2; i++)
        {
            var response = await bench.AskAsync("hello");
            Assert.Equal("I cannot help with that.", response.Messages[0].Contents.OfType<ErrorContent>().Single().Message);
        }

        Assert.Single(bench.Server.Bodies);
    }

    [Fact]
    public async Task A_key_that_the_endpoint_quotes_back_does_not_reach_the_message_or_the_store()
    {
        await using var bench = await Bench.StartAsync();
        const string Secret = "sk-very-secret-0123456789";
        Environment.SetEnvironmentVariable("PROXYREWARD_TEST_KEY", Secret);
        bench.Server.Script.Enqueue(FakeReply.Says("fine"));
        bench.Server.Reply = _ => FakeReply.Error(401, $"Incorrect API key: {Secret}");
        EndpointOptions WithKey(EndpointOptions options) => options with { KeyVariable = "PROXYREWARD_TEST_KEY" };
        await bench.AskAsync("one", WithKey);
        var error = await Assert.ThrowsAsync<RequestException>(() => bench.AskAsync("two", WithKey));
        Assert.Equal($"Bearer {Secret}", bench.Server.Authorizations.First());
        Assert.Contains("PROXYREWARD_TEST_KEY", error.ToString());
        Assert.DoesNotContain("very-secret", error.ToString());
        foreach (var file in Directory.GetFiles(bench.Folder))
        {
            Assert.DoesNotContain("very-secret", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));
        }

        Assert.Contains("is not set", Assert.Throws<RequestException>(
            () => ApiKey.For(new EndpointOptions("m") { KeyVariable = "PROXYREWARD_ABSENT_KEY" })).Message);
    }

    [Fact]
    public async Task What_goes_out_has_the_recorded_shape()
    {
        await using var bench = await Bench.StartAsync();
        using var store = RequestStore.Open(bench.StorePath);
        using var client = bench.Open(store);
        using var schema = JsonDocument.Parse("""{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"additionalProperties":false}""");
        var options = new ChatOptions
        {
            Temperature = 0.5f,
            TopP = 0.9f,
            MaxOutputTokens = 100,
            Seed = 7,
            StopSequences = ["END"],
            ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.RootElement.Clone(), "reply"),
            AdditionalProperties = new() { ["strict"] = true },
        };
        await client.GetResponseAsync(
            [new(ChatRole.System, "Be brief."), new(ChatRole.User, "Is it?")], new Call("test", "hash", 1).On(options));
        var recorded = """
            {"temperature":0.5,"top_p":0.9,"seed":7,"stop":["END"],
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Is it?"}],
             "model":"fake-model","max_completion_tokens":100,
             "response_format":{"type":"json_schema","json_schema":{"name":"reply","strict":true,
              "schema":{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"additionalProperties":false}}}}
            """;
        using var expected = JsonDocument.Parse(recorded);
        Assert.True(JsonElement.DeepEquals(expected.RootElement, bench.Server.Bodies.Single()), bench.Server.Bodies.Single().GetRawText());
    }
}

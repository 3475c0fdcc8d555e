using Microsoft.Extensions.AI;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;

namespace ProxyReward.Clients.Tests.Fakes;

/// <summary>A fake endpoint, a store in a folder of its own, and clients between them.</summary>
public sealed class Bench : IAsyncDisposable
{
    private Bench(FakeEndpoint server) => Server = server;

    public FakeEndpoint Server { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("requests").FullName;

    public JumpingTime Time { get; } = new();

    public string StorePath => Path.Combine(Folder, "requests.db");

    public static async Task<Bench> StartAsync() => new(await FakeEndpoint.StartAsync());

    /// <summary>The stack as users get it, but for the clock.</summary>
    public RecordedChatClient Open(
        RequestStore store, Func<EndpointOptions, EndpointOptions>? change = null, PriceTable? prices = null, BudgetOptions? budget = null)
    {
        var options = Server.Options with { Timeout = JumpingTime.Never };
        return HostedModel.Open(change?.Invoke(options) ?? options, store, prices, budget, Time);
    }

    /// <summary>Asks one question with a store of its own that is closed again.</summary>
    public async Task<ChatResponse> AskAsync(string text, Func<EndpointOptions, EndpointOptions>? change = null)
    {
        using var store = RequestStore.Open(StorePath);
        using var client = Open(store, change);
        return await client.GetResponseAsync(text, new Call("test").On(new ChatOptions()));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

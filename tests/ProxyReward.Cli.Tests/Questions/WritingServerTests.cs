using ProxyReward.Clients.Tests.Fakes;
using ProxyReward.Testing;

namespace ProxyReward.Cli.Tests.Questions;

/// <summary>Tests that have a folder, and a server whose model writes questions.</summary>
public abstract class WritingServerTests : IAsyncLifetime
{
    protected TemporaryFolder Folder { get; } = new(inMemory: true);

    protected FakeEndpoint Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => (Server = await FakeEndpoint.StartAsync()).Reply = WritingModel.Reply;

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}

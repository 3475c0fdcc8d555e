using ProxyReward.Cli.Results;
using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary>The model of one command, with its cache; prints the ledger when it is closed, however the command ended.</summary>
internal sealed class ModelSession : IDisposable
{
    private readonly RequestStore store;
    private readonly RecordedChatClient client;
    private readonly string cache;
    private readonly Terminal terminal;

    /// <param name="endpoint">What is asked.</param>
    /// <param name="open">Opens its client around the cache.</param>
    public ModelSession(
        EndpointOptions endpoint, Func<RequestStore, RecordedChatClient> open, AskOptions asking, PriceTable prices, string cache, bool dryRun, Terminal terminal)
    {
        (this.cache, this.terminal, Prices, DryRun) = (cache, terminal, prices, dryRun);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(cache))!);
        store = RequestStore.Open(cache);
        try
        {
            client = open(store);
            Asker = new Asker(client, endpoint, asking);
        }
        catch
        {
            client?.Dispose();
            store.Dispose();
            throw;
        }
    }

    /// <summary>The model.</summary>
    public Asker Asker { get; }

    /// <summary>What it costs.</summary>
    public PriceTable Prices { get; }

    /// <summary>Whether only the estimate is wanted.</summary>
    public bool DryRun { get; }

    /// <summary>Prints what would be asked.</summary>
    public int Print(params IEnumerable<Estimate> estimates)
    {
        terminal.Output.WriteLine("| stage | model | calls | tokens in | tokens out | cost |\n|---|---|---|---|---|---|");
        foreach (var e in estimates)
        {
            terminal.Output.WriteLine(FormattableString.Invariant(
                $"| {e.Stage} | {e.Model} | {e.Calls} | about {e.InputTokens} | about {e.OutputTokens} | {LedgerTable.Money(e.Cost)} |"));
        }

        return ExitCode.Done;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!DryRun)
        {
            terminal.Error.WriteLine(LedgerTable.Of(store, cache));
        }

        client.Dispose();
        store.Dispose();
    }
}

using ProxyReward.Cli.Results;
using ProxyReward.Clients;
using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;
using ProxyReward.Recipes;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli.Readers;

/// <summary>Opens the models that a recipe has asked, each with cache, ledger and budget; one file of requests is opened once.</summary>
/// <param name="recipeFolder">Where relative paths are looked for after the working directory.</param>
/// <param name="requests">The file of requests of a model that names none.</param>
/// <param name="terminal">Gets the ledgers at the end.</param>
internal sealed class AskedModels(string recipeFolder, string requests, Terminal terminal) : IDisposable
{
    private readonly Dictionary<string, RequestStore> stores = new(StringComparer.Ordinal);
    private readonly Dictionary<AskedModel, (RecordedChatClient Client, EndpointOptions Endpoint)> clients = [];

    /// <summary>Opens a model.</summary>
    /// <param name="asked">The model.</param>
    /// <param name="section">The recipe's section, for messages.</param>
    /// <param name="seed">Sent along.</param>
    /// <exception cref="RequestException">It cannot be opened.</exception>
    public Asker Open(AskedModel asked, string section, long seed)
    {
        if (!clients.TryGetValue(asked, out var opened))
        {
            clients[asked] = opened = Open(asked, section);
        }

        return new Asker(opened.Client, opened.Endpoint, new AskOptions
        {
            PromptFolder = asked.Prompts is { } prompts ? RecipeFile.Locate(prompts, recipeFolder, $"{section}.prompts") : null,
            Attempts = asked.Attempts,
            Temperature = (float?)asked.Temperature,
            Seed = seed,
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (client, _) in clients.Values)
        {
            client.Dispose();
        }

        foreach (var (path, store) in stores)
        {
            terminal.Error.WriteLine(LedgerTable.Of(store, path));
            store.Dispose();
        }
    }

    private (RecordedChatClient, EndpointOptions) Open(AskedModel asked, string section)
    {
        var endpoint = new EndpointOptions(asked.Model!)
        {
            Address = Uri.TryCreate(asked.Endpoint, UriKind.Absolute, out var address)
                ? address
                : throw new RequestException($"{section}.endpoint: '{asked.Endpoint}' is no address; give one such as http://localhost:8000/v1."),
            KeyVariable = asked.ApiKeyEnv,
            StructuredOutput = asked.StructuredOutput,
            Concurrency = asked.Concurrency,
            RequestsPerMinute = asked.RequestsPerMinute,
            TokensPerMinute = asked.TokensPerMinute,
        };
        var prices = asked is { PriceIn: { } input, PriceOut: { } output }
            ? new PriceTable(new Dictionary<string, Price> { [endpoint.Model] = new((decimal)input, (decimal)output) })
            : PriceTable.Empty;
        var budget = new BudgetOptions((decimal?)asked.Budget, asked.BudgetTokens, asked.BudgetRequests);
        return (HostedModel.Open(endpoint, Store(asked.Requests ?? requests), prices, budget), endpoint);
    }

    private RequestStore Store(string path)
    {
        if (!stores.TryGetValue(path, out var store))
        {
            stores[path] = store = RequestStore.Open(path);
        }

        return store;
    }
}

using ProxyReward.Cli.Commands.Questions;
using ProxyReward.Cli.Results;
using ProxyReward.Clients;
using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Models.Encoders;
using ProxyReward.Models.Reading;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli.Readers;

/// <summary>Opens the models that a recipe has asked, each with cache, ledger and budget; one file of requests is opened once.</summary>
/// <param name="recipeFolder">Where relative paths are looked for after the working directory.</param>
/// <param name="requests">The file of requests of a model that names none.</param>
/// <param name="chat">What the chat templates of models on this machine are told.</param>
/// <param name="terminal">Gets the ledgers at the end.</param>
internal sealed class AskedModels(string recipeFolder, string requests, ChatTemplateOptions chat, Terminal terminal) : IDisposable
{
    private readonly Dictionary<string, RequestStore> stores = new(StringComparer.Ordinal);
    private readonly List<IDisposable> onThisMachine = [];
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
            MaxOutputTokens = asked.MaxTokens,
            Temperature = (float?)asked.Temperature,
            Seed = seed,
        });
    }

    /// <summary>What the recipe says that a model costs; unknown where it does not.</summary>
    public static PriceTable PricesOf(AskedModel asked) => asked is { Model: { } model, PriceIn: { } input, PriceOut: { } output }
        ? new PriceTable(new Dictionary<string, Price> { [model] = new((decimal)input, (decimal)output) })
        : PriceTable.Empty;

    /// <summary>Refuses a model that could not be opened, before hours are spent on what it is to be asked about. Sends nothing.</summary>
    /// <param name="asked">The model.</param>
    /// <param name="section">The recipe's section, for messages.</param>
    /// <exception cref="RequestException">It is not on this machine, its address is none, or its key is not set.</exception>
    public void Require(AskedModel asked, string section)
    {
        if (asked.Endpoint is null)
        {
            ModelPath.Locate(asked.Model!, recipeFolder, $"{section}.model");
            return;
        }

        var endpoint = EndpointOf(asked, section);
        try
        {
            ApiKey.For(endpoint);
        }
        catch (RequestException e)
        {
            throw new RequestException($"{section}.api_key_env: {e.Message}", e);
        }
    }

    /// <summary>Opens an entailment classifier on this machine.</summary>
    /// <param name="options">The classifier, and how it reads.</param>
    /// <param name="section">The recipe's section, for messages.</param>
    /// <exception cref="RequestException">It cannot be opened, or is no classifier of entailment.</exception>
    public EntailmentReader OpenEntailment(ReadingOptions options, string section)
    {
        var classifier = EncoderClassifier.Open(ModelPath.Locate(options.Model!, recipeFolder, $"{section}.model"));
        onThisMachine.Add(classifier);
        return new EntailmentReader(classifier, new EntailmentOptions { WindowTokens = options.WindowTokens, Overlap = options.Overlap });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        onThisMachine.ForEach(model => model.Dispose());
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
        var budget = new BudgetOptions((decimal?)asked.Budget, asked.BudgetTokens, asked.BudgetRequests);
        if (asked.Endpoint is null)
        {
            var found = LocalCheckpoint.Find(ModelPath.Locate(asked.Model!, recipeFolder, $"{section}.model"), HubOptions.FromEnvironment(), chat);
            var checkpoint = found with { Options = found.Options with { Model = asked.Model! } };
            return (checkpoint.Open(Store(asked.Requests ?? requests), LocalCheckpoint.Free(asked.Model!), budget), checkpoint.Options);
        }

        var endpoint = EndpointOf(asked, section);
        return (HostedModel.Open(endpoint, Store(asked.Requests ?? requests), PricesOf(asked), budget), endpoint);
    }

    private static EndpointOptions EndpointOf(AskedModel asked, string section)
    {
        if (!Uri.TryCreate(asked.Endpoint, UriKind.Absolute, out var address))
        {
            throw new RequestException($"{section}.endpoint: '{asked.Endpoint}' is no address; give one such as http://localhost:8000/v1.");
        }

        try
        {
            return new EndpointOptions(asked.Model!)
            {
                Address = address,
                KeyVariable = asked.ApiKeyEnv,
                StructuredOutput = asked.StructuredOutput,
                Concurrency = asked.Concurrency,
                RequestsPerMinute = asked.RequestsPerMinute,
                TokensPerMinute = asked.TokensPerMinute,
            }.Validated();
        }
        catch (RequestException e)
        {
            throw new RequestException($"{section}.{e.Message}", e);
        }
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

using System.CommandLine;
using ProxyReward.Clients;
using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Requests;
using ProxyReward.Models.Checkpoints.Hub;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary>The options of every verb that can ask a model. One model a command: so one budget and one price hold for all it asks.</summary>
/// <param name="hub">Where the cache of the Hub is; asked when a checkpoint is named by its id.</param>
/// <param name="required">Whether the verb does nothing without a model.</param>
/// <param name="estimates">Whether the verb can say beforehand what it would take.</param>
internal sealed class ModelOptions(Func<HubOptions> hub, bool required, bool estimates = true)
{
    private readonly Option<string?> model = new("--model")
    {
        Description = "The model's name at the endpoint; or, without --endpoint, a checkpoint on this machine: a folder, a .gguf file, or owner/name[@revision] in the cache of the Hub",
        Required = required,
    };

    private readonly Option<string> endpoint = new("--endpoint")
    {
        Description = "An OpenAI-compatible address, up to and with /v1",
        DefaultValueFactory = _ => EndpointOptions.OpenAI.ToString(),
    };

    private readonly Option<string?> key = new("--api-key-env")
    {
        Description = "The environment variable or .NET user secret that holds the key (OPENAI_API_KEY at OpenAI, none elsewhere)",
    };

    private readonly Option<bool> noSchema = new("--no-schema") { Description = "For endpoints that do not know response_format" };
    private readonly Option<int> concurrency = new("--concurrency") { Description = "Requests in flight at most", DefaultValueFactory = _ => 32 };
    private readonly Option<int?> requestsPerMinute = new("--requests-per-minute") { Description = "Requests started a minute at most" };
    private readonly Option<int?> tokensPerMinute = new("--tokens-per-minute") { Description = "Tokens a minute at most" };
    private readonly Option<decimal?> budget = new("--budget") { Description = "US dollars in all, over every command that used the cache" };
    private readonly Option<long?> budgetTokens = new("--budget-tokens") { Description = "Tokens in all, likewise" };
    private readonly Option<long?> budgetRequests = new("--budget-requests") { Description = "Requests in all, likewise" };
    private readonly Option<decimal?> priceIn = new("--price-in") { Description = "US dollars per million tokens of prompt" };
    private readonly Option<decimal?> priceOut = new("--price-out") { Description = "US dollars per million tokens of answer" };
    private readonly Option<string> cache = new("--cache") { Description = "Answers and ledger, SQLite", DefaultValueFactory = _ => "runs/requests.sqlite" };
    private readonly Option<string?> prompts = new("--prompts") { Description = "A folder with prompt files that replace the built-in ones" };
    private readonly Option<int> attempts = new("--attempts") { Description = "How often a reply that cannot be used is asked for", DefaultValueFactory = _ => 3 };
    private readonly Option<int> maxTokens = new("--max-tokens") { Description = "Tokens of a reply at most", DefaultValueFactory = _ => 4096 };
    private readonly Option<long> seed = new("--seed") { Description = "Sent along; another one asks anew", DefaultValueFactory = _ => 0 };
    private readonly Option<float?> temperature = new("--temperature") { Description = "The endpoint's own by default" };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Prints the calls and what they would cost, and asks nothing" };

    /// <summary>Adds the options to a verb.</summary>
    public Command AddTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option>)[
            model, endpoint, key, noSchema, concurrency, requestsPerMinute, tokensPerMinute, budget, budgetTokens, budgetRequests,
            priceIn, priceOut, cache, prompts, attempts, maxTokens, seed, temperature])
        {
            command.Add(option);
        }

        if (estimates)
        {
            command.Add(dryRun);
        }

        return command;
    }

    /// <summary>Opens the model; null where none is named.</summary>
    /// <exception cref="RequestException">An option cannot work, or an option of the model is given without one.</exception>
    public ModelSession? Open(ParseResult parsed, Terminal terminal)
    {
        if (parsed.GetValue(model) is not { } name)
        {
            return estimates && parsed.GetValue(dryRun)
                ? throw new RequestException("--dry-run: no model would be asked; name it with --model, or leave --dry-run out.")
                : null;
        }

        var asking = new AskOptions
        {
            PromptFolder = parsed.GetValue(prompts),
            Attempts = parsed.GetValue(attempts),
            MaxOutputTokens = parsed.GetValue(maxTokens) is var most and >= 1 ? most : throw new RequestException($"--max-tokens: is {parsed.GetValue(maxTokens)}; 1 or more."),
            Seed = parsed.GetValue(seed),
            Temperature = parsed.GetValue(temperature),
        };
        var limits = new BudgetOptions(parsed.GetValue(budget), parsed.GetValue(budgetTokens), parsed.GetValue(budgetRequests));
        var here = IsCheckpoint(parsed, name);
        var table = Prices(name, parsed.GetValue(priceIn), parsed.GetValue(priceOut)) ?? (here ? LocalCheckpoint.Free(name) : PriceTable.Empty);
        var (options, open) = here ? Local(parsed, name, table, limits) : Hosted(parsed, name, table, limits);
        return new ModelSession(options, open, asking, table, parsed.GetRequiredValue(cache), estimates && parsed.GetValue(dryRun), terminal);
    }

    // An endpoint that is named goes first: models there may be called owner/name, too.
    private bool IsCheckpoint(ParseResult parsed, string name) => parsed.GetResult(endpoint) is not { Implicit: false } && LocalCheckpoint.IsMeant(name);

    private (EndpointOptions, Func<RequestStore, RecordedChatClient>) Local(ParseResult parsed, string name, PriceTable table, BudgetOptions limits)
    {
        foreach (var option in (ReadOnlySpan<Option>)[key, noSchema, concurrency, requestsPerMinute, tokensPerMinute])
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new RequestException($"{option.Name}: {name} is a checkpoint on this machine, which answers one request at a time and needs no key; leave it out, or name the --endpoint that is meant.");
            }
        }

        var checkpoint = LocalCheckpoint.Find(name, hub());
        return (checkpoint.Options, store => checkpoint.Open(store, table, limits));
    }

    private (EndpointOptions, Func<RequestStore, RecordedChatClient>) Hosted(ParseResult parsed, string name, PriceTable table, BudgetOptions limits)
    {
        if (!Uri.TryCreate(parsed.GetRequiredValue(endpoint), UriKind.Absolute, out var address))
        {
            throw new RequestException($"--endpoint: '{parsed.GetRequiredValue(endpoint)}' is no address; give one such as http://localhost:8000/v1.");
        }

        var options = new EndpointOptions(name)
        {
            Address = address,
            KeyVariable = parsed.GetValue(key),
            StructuredOutput = !parsed.GetValue(noSchema),
            Concurrency = parsed.GetValue(concurrency),
            RequestsPerMinute = parsed.GetValue(requestsPerMinute),
            TokensPerMinute = parsed.GetValue(tokensPerMinute),
        }.Validated();
        return (options, store => HostedModel.Open(options, store, table, limits));
    }

    private static PriceTable? Prices(string model, decimal? input, decimal? output) => (input, output) switch
    {
        (null, null) => null,
        ( >= 0, >= 0) => new PriceTable(new Dictionary<string, Price> { [model] = new(input.Value, output.Value) }),
        _ => throw new RequestException("--price-in, --price-out: give both, in US dollars per million tokens, none negative."),
    };
}

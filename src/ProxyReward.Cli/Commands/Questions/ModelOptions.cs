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
/// <param name="own">Options of the verb that mean nothing without a model.</param>
internal sealed class ModelOptions(Func<HubOptions> hub, bool required, bool estimates = true, params Option[] own)
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

    private readonly Option<bool> noSchema = new("--no-schema") { Description = "Sends no JSON schema (response_format), for endpoints that do not know it" };
    private readonly Option<int> concurrency = NumberOption.Create("--concurrency", "Requests in flight at most", 32, 1, 4096);
    private readonly Option<int?> requestsPerMinute = NumberOption.Create("--requests-per-minute", "Requests started a minute at most", 1, int.MaxValue);
    private readonly Option<int?> tokensPerMinute = NumberOption.Create("--tokens-per-minute", "Tokens a minute at most, prompts and answers", 1, int.MaxValue);
    private readonly Option<decimal?> budget = NumberOption.Create("--budget", "US dollars that may be spent in all, over every command that used the cache; at an endpoint give both prices, too", 0m, 1_000_000_000m);
    private readonly Option<long?> budgetTokens = NumberOption.Create("--budget-tokens", "Tokens in all, likewise", 1, long.MaxValue);
    private readonly Option<long?> budgetRequests = NumberOption.Create("--budget-requests", "Requests in all, likewise", 1, long.MaxValue);
    private readonly Option<decimal?> priceIn = NumberOption.Create("--price-in", "US dollars per million tokens of prompt, for example 0.15", 0m, 1_000_000m);
    private readonly Option<decimal?> priceOut = NumberOption.Create("--price-out", "US dollars per million tokens of answer", 0m, 1_000_000m);
    private readonly Option<string> cache = new("--cache") { Description = "The SQLite file that keeps every answer and what it cost; what was answered is not asked again", DefaultValueFactory = _ => "runs/requests.sqlite" };
    private readonly Option<string?> prompts = new("--prompts") { Description = "A folder with prompt files that replace the built-in ones" };
    private readonly Option<int> attempts = NumberOption.Create("--attempts", "How often a question is asked at most until its reply can be used", 3, 1, 100);
    private readonly Option<int> maxTokens = NumberOption.Create("--max-tokens", "Tokens of a reply at most", 4096, 1, 1 << 20);
    private readonly Option<long> seed = NumberOption.Create("--seed", "Sent along with every request; another one asks anew what the cache has answers to", 0, long.MinValue, long.MaxValue);
    private readonly Option<float?> temperature = NumberOption.Create("--temperature", "Sampling temperature; the endpoint's own by default", 0f, 10f);
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Prints the calls and what they would cost, and asks nothing" };

    // All that mean nothing without the model.
    private IEnumerable<Option> Dependent =>
    [
        .. own, endpoint, key, noSchema, concurrency, requestsPerMinute, tokensPerMinute, budget, budgetTokens, budgetRequests,
        priceIn, priceOut, cache, prompts, attempts, maxTokens, seed, temperature, .. estimates ? [dryRun] : (Option[])[],
    ];

    /// <summary>Adds the options to a verb, its own among them.</summary>
    public Command AddTo(Command command)
    {
        foreach (var option in Dependent.Prepend(model))
        {
            command.Add(option);
        }

        return command;
    }

    /// <summary>Opens the model; null where none is named.</summary>
    /// <exception cref="RequestException">An option cannot work, or an option of the model is given without one.</exception>
    public ModelSession? Open(ParseResult parsed, Terminal terminal)
    {
        if (parsed.GetValue(model) is not { } name)
        {
            return Dependent.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } idle
                ? throw new RequestException($"{idle.Name}: no model is asked; name it with --model, or leave {idle.Name} out.")
                : null;
        }

        var asking = new AskOptions
        {
            PromptFolder = parsed.GetValue(prompts),
            Attempts = parsed.GetValue(attempts),
            MaxOutputTokens = parsed.GetValue(maxTokens),
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
        ({ }, { }) => new PriceTable(new Dictionary<string, Price> { [model] = new(input.Value, output.Value) }),
        _ => throw new RequestException("--price-in, --price-out: give both, in US dollars per million tokens."),
    };
}

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ProxyReward.Verdicts;

/// <summary>A language model that reads or judges, as recipes name it: where it is, how it is asked, what it may cost. Holds no secret.</summary>
public abstract record AskedModel
{
    /// <summary>
    /// The keys that say how requests get there and what they may cost, and change no answer. The address itself is not among them: another server
    /// may have another model behind the same name.
    /// </summary>
    internal static IReadOnlySet<string> KeysOfTheWay { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "api_key_env", "concurrency", "requests_per_minute", "tokens_per_minute", "price_in", "price_out", "budget", "budget_tokens", "budget_requests", "requests",
    };

    [Description("The model's name at the endpoint; without endpoint, a model on this machine: a Hugging Face folder, a GGUF, or owner/name[@revision] that `models pull` fetched")]
    public string? Model { get; init; }

    [Description("An OpenAI-compatible address, up to and with /v1; null: the model is on this machine")]
    public string? Endpoint { get; init; }

    [Description("The environment variable or .NET user secret that holds the endpoint's key, never the key itself; null: OPENAI_API_KEY at OpenAI, no key elsewhere")]
    [RegularExpression("[A-Za-z_][A-Za-z0-9_]*")]
    public string? ApiKeyEnv { get; init; }

    [Description("Asks by JSON schema; false for endpoints that do not know response_format")]
    public bool StructuredOutput { get; init; } = true;

    [Description("Sampling temperature of the answers; null: the endpoint's own"), Range(0, 10)]
    public double? Temperature { get; init; } = 0;

    [Description("Tokens of an answer at most"), Range(1, 1 << 20)]
    public int MaxTokens { get; init; } = 4096;

    [Description("How often an answer that cannot be understood is asked for"), Range(1, 100)]
    public int Attempts { get; init; } = 3;

    [Description("A folder with prompt files that replace the built-in ones")]
    public string? Prompts { get; init; }

    [Description("Requests in flight at most"), Range(1, 4096)]
    public int Concurrency { get; init; } = 32;

    [Description("Requests started a minute at most"), Range(1, int.MaxValue)]
    public int? RequestsPerMinute { get; init; }

    [Description("Tokens a minute at most, prompts and answers"), Range(1, int.MaxValue)]
    public int? TokensPerMinute { get; init; }

    [Description("US dollars per million tokens of prompt"), Range(0, 1e6)]
    public double? PriceIn { get; init; }

    [Description("US dollars per million tokens of answer"), Range(0, 1e6)]
    public double? PriceOut { get; init; }

    [Description("US dollars in all that may be spent through the file of requests"), Range(0, 1e9)]
    public double? Budget { get; init; }

    [Description("Tokens in all, likewise"), Range(1, int.MaxValue)]
    public int? BudgetTokens { get; init; }

    [Description("Requests in all, likewise"), Range(1, int.MaxValue)]
    public int? BudgetRequests { get; init; }

    [Description("The SQLite file of answers and costs, to share it between runs; null: requests.sqlite in the run folder")]
    public string? Requests { get; init; }
}

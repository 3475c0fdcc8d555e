namespace ProxyReward.Clients.Endpoints;

/// <summary>
/// An OpenAI-compatible endpoint (hosted, vLLM, llama.cpp, Ollama, …) and the model asked there. Holds no secret. For a model on this machine
/// only its name, its identity as <see cref="Address"/>, and how it is asked count.
/// </summary>
/// <param name="Model">The model's name at the endpoint.</param>
public sealed record EndpointOptions(string Model)
{
    /// <summary>OpenAI's own endpoint, the default.</summary>
    public static Uri OpenAI { get; } = new("https://api.openai.com/v1");

    /// <summary>The base address, up to and with <c>/v1</c>.</summary>
    public Uri Address { get; init; } = OpenAI;

    /// <summary>
    /// The environment variable (or .NET user secret) that holds the key. Null: <c>OPENAI_API_KEY</c> at OpenAI's own endpoint,
    /// no key anywhere else.
    /// </summary>
    public string? KeyVariable { get; init; }

    /// <summary>Whether answers are asked for by JSON schema; off for endpoints that do not know <c>response_format</c>.</summary>
    public bool StructuredOutput { get; init; } = true;

    /// <summary>Requests in flight at most.</summary>
    public int Concurrency { get; init; } = 32;

    /// <summary>Requests started a minute at most; null: no limit.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens a minute at most, prompt and answer; null: no limit.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>How long one attempt may take until the whole answer is there. Long answers take minutes on small machines.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a request is repeated after a failure that may pass (429, 5xx, timeouts, broken connections).</summary>
    public int MaxRetries { get; init; } = 6;

    /// <summary>Largest answer that is read, in bytes of HTTP body.</summary>
    public int MaxAnswerBytes { get; init; } = 32 << 20;

    /// <summary>Checks every value.</summary>
    /// <exception cref="RequestException">A value cannot work; the message names it and says what can.</exception>
    public EndpointOptions Validated()
    {
        Require(!string.IsNullOrWhiteSpace(Model), "model", "is empty; name the model as the endpoint does");
        Require(
            Address.IsAbsoluteUri && Address.Scheme is "http" or "https",
            "endpoint",
            $"is '{Address}'; give an address such as http://localhost:8000/v1");
        Require(
            Address is not { IsAbsoluteUri: true, UserInfo.Length: > 0 },
            "endpoint",
            "carries a user or password; put the secret into an environment variable and name that");
        Require(Concurrency is >= 1 and <= 4096, "concurrency", $"is {Concurrency}; 1 to 4096");
        Require(RequestsPerMinute is null or >= 1, "requests_per_minute", $"is {RequestsPerMinute}; 1 or more, or none");
        Require(TokensPerMinute is null or >= 1, "tokens_per_minute", $"is {TokensPerMinute}; 1 or more, or none");
        Require(Timeout > TimeSpan.Zero && Timeout <= TimeSpan.FromDays(1), "timeout", $"is {Timeout}; up to a day");
        Require(MaxRetries is >= 0 and <= 20, "max_retries", $"is {MaxRetries}; 0 to 20");
        Require(MaxAnswerBytes >= 1024, "max_answer_bytes", $"is {MaxAnswerBytes}; 1024 or more");
        return this;
    }

    private static void Require(bool holds, string key, string problem)
    {
        if (!holds)
        {
            throw new RequestException($"{key}: {problem}.");
        }
    }
}

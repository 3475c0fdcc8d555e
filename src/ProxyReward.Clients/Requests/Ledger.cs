namespace ProxyReward.Clients.Requests;

/// <summary>One request that went out, as the ledger books it.</summary>
/// <param name="At">When it was booked, UTC.</param>
/// <param name="Stage">What it was for.</param>
/// <param name="Model">The model asked.</param>
/// <param name="Outcome">answered, cut, refused, filtered or failed.</param>
/// <param name="InputTokens">Null where the endpoint did not say.</param>
/// <param name="OutputTokens">Null where the endpoint did not say.</param>
/// <param name="Cost">US dollars; null where unknown; 0 for a request that failed.</param>
/// <param name="Latency">Of the attempt that succeeded.</param>
/// <param name="Retries">Attempts before it.</param>
public sealed record LedgerEntry(
    DateTimeOffset At,
    string Stage,
    string Model,
    string Outcome,
    long? InputTokens,
    long? OutputTokens,
    decimal? Cost,
    TimeSpan Latency,
    int Retries);

/// <summary>The ledger of one stage and model.</summary>
/// <param name="Stage">What the requests were for.</param>
/// <param name="Model">The model asked.</param>
/// <param name="Requests">Requests that went out, over all processes that used the store; a retry is not a request of its own.</param>
/// <param name="FromCache">Answers that this process took from the cache.</param>
/// <param name="InputTokens">Tokens of the prompts.</param>
/// <param name="OutputTokens">Tokens of the answers.</param>
/// <param name="Cost">US dollars; null where a price or a number of tokens is unknown.</param>
/// <param name="MeanLatency">Of the attempts that succeeded.</param>
/// <param name="Retries">Attempts that failed before one that succeeded.</param>
/// <param name="Refused">Answers in which the model refused, or that a content filter kept.</param>
/// <param name="Cut">Answers that met the token limit.</param>
/// <param name="Failed">Requests that failed for good.</param>
/// <param name="ParseFailures">Answers that could not be understood.</param>
public sealed record LedgerLine(
    string Stage,
    string Model,
    long Requests,
    long FromCache,
    long InputTokens,
    long OutputTokens,
    decimal? Cost,
    TimeSpan MeanLatency,
    long Retries,
    long Refused,
    long Cut,
    long Failed,
    long ParseFailures);

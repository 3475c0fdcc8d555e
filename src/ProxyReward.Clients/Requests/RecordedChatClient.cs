using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using ProxyReward.Clients.Endpoints;

namespace ProxyReward.Clients.Requests;

/// <summary>
/// Cache, ledger and budget around a client: a request that was answered before is answered from the store, every other one is
/// allowed by the budget, asked, kept and booked before the caller sees its answer. Two equal requests at a time go out once.
/// Thread-safe.
/// </summary>
public sealed class RecordedChatClient : WholeAnswerChatClient
{
    private readonly ConcurrentDictionary<string, Task> inFlight = new();
    private readonly EndpointOptions endpoint;
    private readonly RequestStore store;
    private readonly PriceTable prices;
    private readonly Budget budget;
    private readonly TimeProvider time;

    /// <summary>Wraps a client.</summary>
    /// <exception cref="RequestException">A budget in money for a model whose price is unknown.</exception>
    public RecordedChatClient(
        IChatClient inner, EndpointOptions endpoint, RequestStore store, PriceTable prices, BudgetOptions budget, TimeProvider time)
        : base(inner)
    {
        if (budget.Money is not null && !prices.Knows(endpoint.Model))
        {
            throw new RequestException(
                $"budget: the price of '{endpoint.Model}' is unknown. Give price_in and price_out as well (--price-in and --price-out), or limit budget_tokens or budget_requests (--budget-tokens, --budget-requests) instead.");
        }

        (this.endpoint, this.store, this.prices, this.time) = (endpoint, store, prices, time);
        this.budget = new Budget(budget, store.Summary());
    }

    /// <inheritdoc/>
    /// <exception cref="BudgetException">The budget is used up.</exception>
    /// <exception cref="EndpointException">The endpoint failed for good.</exception>
    /// <exception cref="RequestException">The endpoint refuses the request.</exception>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var stage = Call.Of(options).Stage;
        var key = RequestKey.Of(endpoint.Address, endpoint.Model, asked, options);
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (inFlight.GetOrAdd(key, mine.Task) is var first && first != mine.Task)
        {
            await first.WaitAsync(cancellationToken);
        }

        try
        {
            var answer = store.Find(key, stage, endpoint.Model) ?? await AskAsync(key, stage, asked, options, cancellationToken);
            return answer.ToResponse();
        }
        finally
        {
            inFlight.TryRemove(key, out _);
            mine.SetResult();
        }
    }

    /// <summary>Tells the ledger that an answer could not be understood.</summary>
    public void ParseFailed(IReadOnlyList<ChatMessage> messages, ChatOptions options, string reason) =>
        store.ParseFailed(
            RequestKey.Of(endpoint.Address, endpoint.Model, messages, options), Call.Of(options).Stage, endpoint.Model, reason);

    /// <summary>Whether a request was answered before, so that asking costs nothing.</summary>
    public bool Holds(IReadOnlyList<ChatMessage> messages, ChatOptions options) =>
        store.Holds(RequestKey.Of(endpoint.Address, endpoint.Model, messages, options));

    private async Task<Answer> AskAsync(
        string key, string stage, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var tokens = TokenEstimate.Of(messages, options);
        var estimate = new Spend(prices.Cost(endpoint.Model, tokens.Input, tokens.Output) ?? 0, tokens.Total, 1);
        await budget.ReserveAsync(estimate, cancellationToken);
        var actual = new Spend(0, 0, 1);
        var started = time.GetTimestamp();
        try
        {
            var response = await InnerClient.GetResponseAsync(messages, options, cancellationToken);
            var (answer, attempts) = (Answer.Of(response), Attempts.Of(response) ?? new Attempts(0, time.GetElapsedTime(started)));
            var cost = prices.Cost(endpoint.Model, answer.InputTokens, answer.OutputTokens);

            // An endpoint that does not count is charged the estimate, or the budget would never end.
            actual = new Spend(
                cost ?? estimate.Money, (answer.InputTokens ?? tokens.Input) + (answer.OutputTokens ?? tokens.Output), 1);
            store.Keep(key, answer, Entry(stage, answer.Outcome, answer.InputTokens, answer.OutputTokens, cost, attempts));
            return answer;
        }
        catch (Exception e) when (e is EndpointException or RequestException)
        {
            store.Book(Entry(stage, "failed", null, null, 0, default));
            throw;
        }
        finally
        {
            budget.Settle(estimate, actual);
        }
    }

    private LedgerEntry Entry(string stage, string outcome, long? input, long? output, decimal? cost, Attempts attempts) =>
        new(time.GetUtcNow(), stage, endpoint.Model, outcome, input, output, cost, attempts.Latency, attempts.Retries);
}

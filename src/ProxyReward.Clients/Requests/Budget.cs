namespace ProxyReward.Clients.Requests;

/// <summary>What may be spent in all, over every process that used the store; null: no limit.</summary>
/// <param name="Money">US dollars.</param>
/// <param name="Tokens">Tokens of prompts and answers.</param>
/// <param name="Requests">Requests.</param>
public sealed record BudgetOptions(decimal? Money = null, long? Tokens = null, long? Requests = null);

/// <summary>The budget is used up (the run stops, resumable): what was answered is kept, and a larger budget goes on from there.</summary>
public sealed class BudgetException : Exception
{
    /// <inheritdoc/>
    public BudgetException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public BudgetException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public BudgetException()
    {
    }
}

/// <summary>
/// Lets a request out only if its estimate still fits into what is left, and waits for those in flight where it does not:
/// they may turn out cheaper. Stops when nothing is in flight and the next one does not fit. Thread-safe.
/// </summary>
internal sealed class Budget
{
    private readonly Lock gate = new();
    private readonly BudgetOptions limit;
    private Spend spent;
    private Spend reserved;
    private TaskCompletionSource settled = NewSignal();

    public Budget(BudgetOptions limit, IReadOnlyList<LedgerLine> before)
    {
        this.limit = limit;
        foreach (var line in before)
        {
            spent += new Spend(line.Cost ?? 0, line.InputTokens + line.OutputTokens, line.Requests);
        }
    }

    /// <summary>Sets the estimate aside.</summary>
    /// <exception cref="BudgetException">It does not fit, and nothing in flight could make room.</exception>
    public async Task ReserveAsync(Spend estimate, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                var after = spent + reserved + estimate;
                if (!(after.Money > limit.Money || after.Tokens > limit.Tokens || after.Requests > limit.Requests))
                {
                    reserved += estimate;
                    return;
                }

                if (reserved.Requests == 0)
                {
                    throw new BudgetException(
                        $"The budget is used up: spent {spent}, the next request needs about {estimate}, allowed {Allowed()}. "
                        + "What was answered is kept: run again with a larger budget to go on.");
                }

                wait = settled.Task;
            }

            await wait.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Replaces an estimate by what was spent.</summary>
    public void Settle(Spend estimate, Spend actual)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            reserved -= estimate;
            spent += actual;
            (signal, settled) = (settled, NewSignal());
        }

        signal.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Allowed() => string.Join(", ", new[]
    {
        limit.Money is { } money ? $"${money:0.00##}" : null,
        limit.Tokens is { } tokens ? $"{tokens:N0} tokens" : null,
        limit.Requests is { } requests ? $"{requests:N0} requests" : null,
    }.Where(part => part is not null));
}

/// <summary>An amount of money (US dollars), tokens and requests.</summary>
internal readonly record struct Spend(decimal Money, long Tokens, long Requests)
{
    public static Spend operator +(Spend a, Spend b) => new(a.Money + b.Money, a.Tokens + b.Tokens, a.Requests + b.Requests);

    public static Spend operator -(Spend a, Spend b) => new(a.Money - b.Money, a.Tokens - b.Tokens, a.Requests - b.Requests);

    public override string ToString() => $"${Money:0.00##}, {Tokens:N0} tokens, {Requests:N0} requests";
}

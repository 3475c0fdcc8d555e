using System.Globalization;
using ProxyReward.Clients.Requests;

namespace ProxyReward.Cli.Results;

/// <summary>What models were asked through a file of requests, and what it cost.</summary>
internal static class LedgerTable
{
    /// <summary>The table, a line for each stage and model.</summary>
    public static string Of(RequestStore store, string path)
    {
        var lines = store.Summary().Select(l => FormattableString.Invariant(
            $"| {l.Stage} | {l.Model} | {l.Requests} | {l.FromCache} | {l.InputTokens} | {l.OutputTokens} | {Money(l.Cost)} | {l.MeanLatency.TotalSeconds:F2} s | {l.Retries} | {l.Refused} | {l.Cut} | {l.Failed} | {l.ParseFailures} |"));
        return string.Join('\n',
        [
            $"Ledger of {path}, over every command that used it:",
            "| stage | model | requests | from cache | tokens in | tokens out | cost | mean latency | retries | refused | cut | failed | not understood |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
            .. lines,
        ]);
    }

    /// <summary>US dollars, if known.</summary>
    public static string Money(decimal? dollars) => dollars is { } known ? "$" + known.ToString("0.00##", CultureInfo.InvariantCulture) : "unknown";
}

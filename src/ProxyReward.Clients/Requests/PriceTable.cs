namespace ProxyReward.Clients.Requests;

/// <summary>The price of a model in US dollars per million tokens.</summary>
/// <param name="Input">Per million tokens of prompt.</param>
/// <param name="Output">Per million tokens of answer.</param>
public sealed record Price(decimal Input, decimal Output);

/// <summary>
/// Prices by model name, from the recipe. A model that is not listed has an unknown price, which is shown as unknown and never as zero.
/// </summary>
public sealed class PriceTable(IReadOnlyDictionary<string, Price> prices)
{
    /// <summary>No price is known.</summary>
    public static PriceTable Empty { get; } = new(new Dictionary<string, Price>());

    /// <summary>Whether a model's price is known.</summary>
    public bool Knows(string model) => prices.ContainsKey(model);

    /// <summary>US dollars; null where the price or the number of tokens is unknown.</summary>
    public decimal? Cost(string model, long? inputTokens, long? outputTokens) =>
        prices.TryGetValue(model, out var price) && inputTokens is { } input && outputTokens is { } output
            ? ((price.Input * input) + (price.Output * output)) / 1_000_000m
            : null;
}

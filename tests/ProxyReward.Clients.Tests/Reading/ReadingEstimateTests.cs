using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Prompts;
using ProxyReward.Clients.Reading;
using ProxyReward.Clients.Requests;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Clients.Tests.Reading;

public sealed class ReadingEstimateTests
{
    // Statements of 40 bytes are 10 tokens each.
    private static readonly MetaQuestion[] Set = [.. Enumerable.Range(0, 2).Select(i => new MetaQuestion(
        $"q{i}", "d", "Write.", [.. Enumerable.Range(0, 3).Select(j => new ProxyQuestion($"q{i}-{j}", $"{i}{j}".PadRight(40, 'x'), true))]))];

    private static readonly PriceTable Prices = new(new Dictionary<string, Price> { ["m"] = new(1, 2) });
    private static readonly int PromptTokens = TokenEstimate.OfText(Prompt.Load("read").Text);

    [Fact]
    public void A_request_a_text_reads_all_proxies()
    {
        // 2 questions of 5 texts of 1,000 tokens; 3 verdicts of 60 tokens each.
        var estimate = ReadingEstimate.Of("read", new ReadingOptions { Model = "m" }, Set, texts: 5, textTokens: 1000, Prices);
        Assert.Equal((10L, 10L * (PromptTokens + 1000 + 30), 10L * 180), (estimate.Calls, estimate.InputTokens, estimate.OutputTokens));
        Assert.Equal((estimate.InputTokens + (2 * estimate.OutputTokens)) / 1_000_000m, estimate.Cost);
    }

    [Fact]
    public void A_request_a_proxy_window_and_repeat_multiplies()
    {
        // Windows of 400 that share 100: 0–400, 300–700, 600–1,000. 2 questions · 5 texts · 2 repeats · 3 windows · 3 proxies.
        var options = new ReadingOptions { Model = "m", Ask = ReadingUnit.PerProxy, WindowTokens = 400, Overlap = 100, Repeats = 2 };
        var estimate = ReadingEstimate.Of("read", options, Set, texts: 5, textTokens: 1000, PriceTable.Empty);
        Assert.Equal((180L, 180L * (PromptTokens + 400 + 10), 180L * 60), (estimate.Calls, estimate.InputTokens, estimate.OutputTokens));
        Assert.Null(estimate.Cost);
    }
}

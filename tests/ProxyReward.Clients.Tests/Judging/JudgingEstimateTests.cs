using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Judging;
using ProxyReward.Clients.Prompts;
using ProxyReward.Clients.Requests;
using ProxyReward.Questions;
using ProxyReward.Rewards;

namespace ProxyReward.Clients.Tests.Judging;

public sealed class JudgingEstimateTests
{
    [Fact]
    public void A_request_a_text_and_rubric_shows_question_and_text()
    {
        // 2 questions of 40 bytes, 10 tokens, with 5 texts of 1,000 tokens, by two rubrics: 20 requests, 80 tokens of reason and score each.
        MetaQuestion[] set = [.. Enumerable.Range(0, 2).Select(i => new MetaQuestion($"q{i}", "d", $"{i}".PadRight(40, 'x'), []))];
        var rubrics = TokenEstimate.OfText(Prompt.Load("judge-overall").Text) + TokenEstimate.OfText(Prompt.Load("judge-clarity").Text);
        var judging = new JudgingOptions { Model = "m", Rubrics = ["judge-overall", "judge-clarity"] };
        var estimate = JudgingEstimate.Of(judging, set, texts: 5, textTokens: 1000, new PriceTable(new Dictionary<string, Price> { ["m"] = new(1, 2) }));
        Assert.Equal((20L, (10L * rubrics) + (20 * 1010), 20L * 80), (estimate.Calls, estimate.InputTokens, estimate.OutputTokens));
        Assert.Equal((estimate.InputTokens + (2 * estimate.OutputTokens)) / 1_000_000m, estimate.Cost);
        Assert.Null(JudgingEstimate.Of(judging, set, 5, 1000, PriceTable.Empty).Cost);
    }
}

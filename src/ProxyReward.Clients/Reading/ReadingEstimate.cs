using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Prompts;
using ProxyReward.Clients.Requests;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Clients.Reading;

/// <summary>What reading will take at most, before a text is written: every text as long as it may be, nothing answered by the cache, nothing asked twice.</summary>
public static class ReadingEstimate
{
    // Number, verdict and confidence, and a sentence as quote.
    private const int TokensPerVerdict = 60;

    /// <summary>Estimates the reading of a set's texts.</summary>
    /// <param name="stage">As it will be shown.</param>
    /// <param name="options">The reader's model and how it reads.</param>
    /// <param name="questions">The set.</param>
    /// <param name="texts">Texts to each question.</param>
    /// <param name="textTokens">Tokens of a text at most.</param>
    /// <param name="prices">For the cost.</param>
    public static Estimate Of(
        string stage, ReadingOptions options, IReadOnlyList<MetaQuestion> questions, int texts, int textTokens, PriceTable prices)
    {
        var prompt = TokenEstimate.OfText(Prompt.Load("read").Text);
        var windows = Windows(textTokens, options);
        var perWindow = options.WindowTokens == 0 ? textTokens : Math.Min(textTokens, options.WindowTokens);
        var (calls, input, output) = (0L, 0L, 0L);
        foreach (var question in questions)
        {
            var times = (long)texts * options.Repeats * windows;
            var requests = options.Ask == ReadingUnit.PerProxy ? question.Proxies.Count : 1;
            var statements = question.Proxies.Sum(proxy => TokenEstimate.OfText(proxy.Statement));
            calls += times * requests;
            input += times * ((requests * (prompt + perWindow)) + statements);
            output += times * question.Proxies.Count * TokensPerVerdict;
        }

        return new Estimate(stage, options.Model ?? "", calls, input, output, prices.Cost(options.Model ?? "", input, output));
    }

    private static long Windows(int tokens, ReadingOptions options) => options.WindowTokens == 0 || tokens <= options.WindowTokens
        ? 1
        : 1 + (long)Math.Ceiling((tokens - options.WindowTokens) / (double)(options.WindowTokens - options.Overlap));
}

using ProxyReward.Clients.Asking;
using ProxyReward.Clients.Endpoints;
using ProxyReward.Clients.Prompts;
using ProxyReward.Clients.Requests;
using ProxyReward.Questions;
using ProxyReward.Rewards;

namespace ProxyReward.Clients.Judging;

/// <summary>What judging will take at most, before a text is written: every text as long as it may be, nothing answered by the cache, nothing asked twice.</summary>
public static class JudgingEstimate
{
    // A reason of two or three sentences, and a score.
    private const int TokensPerRating = 80;

    /// <summary>Estimates the judging of a set's texts.</summary>
    /// <param name="judging">The judge and its rubrics.</param>
    /// <param name="questions">The set.</param>
    /// <param name="texts">Texts to each question.</param>
    /// <param name="textTokens">Tokens of a text at most.</param>
    /// <param name="prices">For the cost.</param>
    public static Estimate Of(JudgingOptions judging, IReadOnlyList<MetaQuestion> questions, int texts, int textTokens, PriceTable prices)
    {
        var (model, calls) = (judging.Model ?? "", (long)texts * questions.Count * judging.Rubrics.Count);
        var rubrics = judging.Rubrics.Sum(rubric => TokenEstimate.OfText(Prompt.Load(rubric).Text));
        var input = questions.Sum(question => (long)texts * (rubrics + (judging.Rubrics.Count * (TokenEstimate.OfText(question.Text) + textTokens))));
        var output = calls * TokensPerRating;
        return new Estimate(ChatJudge.Stage, model, calls, input, output, prices.Cost(model, input, output));
    }
}

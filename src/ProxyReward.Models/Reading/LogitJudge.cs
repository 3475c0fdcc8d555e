using ProxyReward.Models.Policies;
using ProxyReward.Questions;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;

namespace ProxyReward.Models.Reading;

/// <summary>
/// A local model as judge: its expected rating from 1 to 10 under its own probabilities, the mean over several prompts. Of a text that is
/// longer than its context it rates the beginning. Calls wait for one another.
/// </summary>
/// <param name="model">Who judges; disposed with this.</param>
/// <param name="prompts">Each asks for the rating of a text that answers a question.</param>
public sealed class LogitJudge(LocalModel model, IReadOnlyList<Func<MetaQuestion, string, string>> prompts) : IJudge
{
    private static readonly int[] Ratings = [.. Enumerable.Range(1, 10)];
    private readonly ChoiceScorer scorer = new(model, Ratings.Select(rating => rating.ToString()));
    private readonly Lock oneAtATime = new();

    /// <inheritdoc/>
    public Task<double> RateAsync(MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (oneAtATime)
        {
            return Task.FromResult(prompts.Average(prompt => Rate(shown => prompt(question, shown), text)));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

    private double Rate(Func<string, string> prompt, string text)
    {
        int Count(string shown) => model.Tokenizer.Encode(shown, specialTokensAsText: true).Count;
        var room = model.Network.Config.MaxPositions - model.Prompt(prompt("")).Count - scorer.LongestStem - 1;
        var shown = TextWindows.Of(text, Math.Max(1, room), overlap: 0, Count)[0];
        return scorer.Probabilities(prompt(shown)).Zip(Ratings, (probability, rating) => probability * rating).Sum();
    }
}

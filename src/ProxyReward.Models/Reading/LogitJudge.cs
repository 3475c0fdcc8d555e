using ProxyReward.Models.Policies;
using ProxyReward.Questions;
using ProxyReward.Rewards;

namespace ProxyReward.Models.Reading;

/// <summary>A local model as judge: its expected rating from 1 to 10 under its own probabilities. Calls wait for one another.</summary>
/// <param name="model">Who judges; disposed with this.</param>
/// <param name="prompt">Asks for the rating of a text.</param>
public sealed class LogitJudge(LocalModel model, Func<string, string> prompt) : IJudge
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
            return Task.FromResult(scorer.Probabilities(prompt(text)).Zip(Ratings, (probability, rating) => probability * rating).Sum());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();
}

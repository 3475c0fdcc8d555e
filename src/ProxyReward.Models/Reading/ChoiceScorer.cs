using ProxyReward.Models.Policies;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Reading;

/// <summary>
/// Which of a few answers a model would give, from its log-probs alone: nothing is generated. Each answer is read up to the token that tells
/// it from the others, so that answers that differ at once cost one pass over the prompt. Not thread-safe.
/// </summary>
public sealed class ChoiceScorer
{
    private readonly LocalModel model;
    private readonly IReadOnlyList<IReadOnlyList<int>> answers;
    private readonly IReadOnlyList<IReadOnlyList<int>> stems;

    /// <param name="model">Who answers.</param>
    /// <param name="answers">The whole answers, none of them empty or equal to another.</param>
    public ChoiceScorer(LocalModel model, IEnumerable<string> answers)
    {
        this.model = model;
        var end = model.Network.Config.EosTokenIds[0];
        List<int[]> whole = [.. answers.Select(answer => (int[])[.. model.Tokenizer.Encode(answer), end])];
        this.answers = [.. whole.Select(answer => Telling(answer, whole))];
        stems = [.. this.answers.SelectMany(answer => Enumerable.Range(0, answer.Count).Select(length => answer.Take(length).ToArray()))
            .DistinctBy(stem => string.Join(' ', stem))];
    }

    /// <summary>The probability of each answer, given that one of them is given.</summary>
    /// <param name="prompt">What is answered.</param>
    public double[] Probabilities(string prompt)
    {
        var tokens = model.Prompt(prompt);
        var batch = new PackedBatch([.. stems.Select(stem => (IReadOnlyList<int>)[.. tokens, .. stem])]);
        using var hidden = model.Network.Forward(batch);
        var logProbs = answers.Select(answer => Enumerable.Range(0, answer.Count).Sum(i => LogProb(hidden, batch, answer, i))).ToArray();
        var max = logProbs.Max();
        var sum = logProbs.Sum(logProb => Math.Exp(logProb - max));
        return [.. logProbs.Select(logProb => Math.Exp(logProb - max) / sum)];
    }

    private double LogProb(Tensor hidden, PackedBatch batch, IReadOnlyList<int> answer, int at)
    {
        var stem = stems.ToList().FindIndex(candidate => candidate.SequenceEqual(answer.Take(at)));
        using var row = hidden.narrow(0, batch.Starts[stem] + batch.Lengths[stem] - 1, 1);
        return model.Network.Head.LogProbs(row, [answer[at]])[0];
    }

    private static int[] Telling(int[] answer, List<int[]> all)
    {
        var length = Enumerable.Range(1, answer.Length).First(n => n == answer.Length || all.Count(other => other.Take(n).SequenceEqual(answer.Take(n))) == 1);
        return answer[..length];
    }
}

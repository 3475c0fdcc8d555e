using ProxyReward.Models.Policies;
using static TorchSharp.torch;

namespace ProxyReward.Models.Reading;

/// <summary>
/// Which of a few answers a model would give, from its log-probs alone: nothing is generated. Each answer is read up to the token that tells
/// it from the others, so that answers that differ at once cost no token of their own. Not thread-safe.
/// </summary>
public sealed class ChoiceScorer
{
    private readonly LocalModel model;
    private readonly int[][] answers;
    private readonly int[][] stems;

    /// <param name="model">Who answers.</param>
    /// <param name="answers">The whole answers, none of them empty or equal to another.</param>
    public ChoiceScorer(LocalModel model, IEnumerable<string> answers)
    {
        this.model = model;
        var end = model.Network.Config.EosTokenIds[0];
        List<int[]> whole = [.. answers.Select(answer => (int[])[.. model.Tokenizer.Encode(answer), end])];
        this.answers = [.. whole.Select(answer => Telling(answer, whole))];
        stems = [.. this.answers.SelectMany(answer => Enumerable.Range(0, answer.Length).Select(length => answer[..length]))
            .DistinctBy(stem => string.Join(' ', stem))];
    }

    /// <summary>The most tokens that an answer adds to what it follows.</summary>
    public int LongestStem => stems.Max(stem => stem.Length);

    /// <summary>The probability of each answer, given that one of them is given.</summary>
    /// <param name="prompt">What is answered.</param>
    public double[] Probabilities(string prompt)
    {
        var tokens = model.Prompt(prompt);
        return Softmax(LogProbs([.. tokens.SkipLast(1)], [[tokens[^1]]])[0]);
    }

    /// <summary>log p of each answer, in nats, after each of several continuations of one prefix; the prefix is read once.</summary>
    /// <param name="prefix">What all begin with.</param>
    /// <param name="suffixes">At least one token each.</param>
    /// <returns>[suffixes][answers]</returns>
    public double[][] LogProbs(IReadOnlyList<int> prefix, IReadOnlyList<IReadOnlyList<int>> suffixes)
    {
        using var mode = no_grad();
        var batch = new SharedPrefix(prefix, [.. suffixes.SelectMany(suffix => stems.Select(stem => (int[])[.. suffix, .. stem]))]);
        using var attention = new SharedPrefixAttention(model.Network.Config, batch);
        using var hidden = model.Network.Forward(
            batch.Tokens, batch.Positions, (layer, qkv, attended) => attention.Forward(qkv, attended, model.Network.WindowOf(layer)), tape: null); // [rows, hidden]

        // One row for each token that is scored.
        var scored = (from suffix in Enumerable.Range(0, suffixes.Count)
                      from answer in Enumerable.Range(0, answers.Length)
                      from at in Enumerable.Range(0, answers[answer].Length)
                      select (Suffix: suffix, Answer: answer, Row: (long)batch.LastRows[(suffix * stems.Length) + StemOf(answer, at)], Target: answers[answer][at])).ToList();
        using var rows = tensor(scored.Select(token => token.Row).ToArray(), device: hidden.device);
        using var selected = hidden.index_select(0, rows); // [scored, hidden]
        var logProbs = model.Network.Head.LogProbs(selected, [.. scored.Select(token => token.Target)]);
        double[][] sums = [.. suffixes.Select(_ => new double[answers.Length])];
        foreach (var (token, logProb) in scored.Zip(logProbs))
        {
            sums[token.Suffix][token.Answer] += logProb;
        }

        return sums;
    }

    /// <summary>The probabilities whose logarithms these are, but for a constant.</summary>
    internal static double[] Softmax(IReadOnlyList<double> logits)
    {
        var max = logits.Max();
        var sum = logits.Sum(logit => Math.Exp(logit - max));
        return [.. logits.Select(logit => Math.Exp(logit - max) / sum)];
    }

    private int StemOf(int answer, int length) => Array.FindIndex(stems, stem => stem.AsSpan().SequenceEqual(answers[answer].AsSpan(0, length)));

    private static int[] Telling(int[] answer, List<int[]> all)
    {
        var length = Enumerable.Range(1, answer.Length).First(n => n == answer.Length || all.Count(other => other.Take(n).SequenceEqual(answer.Take(n))) == 1);
        return answer[..length];
    }
}

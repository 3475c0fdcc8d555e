using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Preference;

/// <summary>
/// A micro-batch of pairs: the chosen sequences, then the rejected ones in the same order, packed without padding. The last token of a sequence
/// predicts nothing and is left out of the input.
/// </summary>
public sealed class PairBatch
{
    private readonly List<(int First, int Count)> scored = []; // rows that predict a completion, per sequence
    private readonly int pairs;

    /// <summary>Packs pairs.</summary>
    public PairBatch(IReadOnlyList<TokenPair> pairs)
    {
        this.pairs = pairs.Count;
        Pairs = pairs;
        var sequences = new List<IReadOnlyList<int>>();
        var targets = new List<int>();
        foreach (var (prompt, completion) in pairs.Select(pair => (pair.Prompt, pair.Chosen)).Concat(pairs.Select(pair => (pair.Prompt, pair.Rejected))))
        {
            int[] whole = [.. prompt, .. completion];
            var first = Math.Max(0, prompt.Count - 1);
            scored.Add((targets.Count + first, whole.Length - 1 - first));
            sequences.Add(whole[..^1]);
            targets.AddRange(whole[1..]);
        }

        Packed = new PackedBatch(sequences);
        Targets = [.. targets];
    }

    /// <summary>Input tokens of a pair.</summary>
    public static long RowsOf(int prompt, int chosen, int rejected) => (2L * prompt) + chosen + rejected - 2;

    /// <summary>The pairs, in order.</summary>
    public IReadOnlyList<TokenPair> Pairs { get; }

    /// <summary>[rows] input tokens.</summary>
    public PackedBatch Packed { get; }

    /// <summary>[rows] the token after each.</summary>
    public int[] Targets { get; }

    /// <summary>The rows that predict completion tokens, in order.</summary>
    public IReadOnlyList<int> ScoredRows => [.. scored.SelectMany(part => Enumerable.Range(part.First, part.Count))];

    /// <summary>Number of the rows that predict chosen completions.</summary>
    public int ScoredChosenTokens => scored.Take(pairs).Sum(part => part.Count);

    /// <summary>Sums the log-probs of the scored rows for each completion: all chosen ones, then all rejected ones.</summary>
    /// <param name="logProbs">One per scored row.</param>
    public double[] Sum(float[] logProbs)
    {
        var sums = new double[scored.Count];
        var at = 0;
        for (var i = 0; i < scored.Count; i++)
        {
            for (var end = at + scored[i].Count; at < end; at++)
            {
                sums[i] += logProbs[at];
            }
        }

        return sums;
    }

    /// <summary>Gives each scored row the derivative of the loss by its completion's summed log-prob.</summary>
    /// <param name="byChosen">[pairs]</param>
    /// <param name="byRejected">[pairs]</param>
    public float[] Spread(double[] byChosen, double[] byRejected) =>
        [.. scored.SelectMany((part, i) => Enumerable.Repeat((float)(i < pairs ? byChosen[i] : byRejected[i - pairs]), part.Count))];
}

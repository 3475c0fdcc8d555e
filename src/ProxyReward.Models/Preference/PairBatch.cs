using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Preference;

/// <summary>
/// A micro-batch of pairs, packed without padding: the prompt of a pair once, its two completions after it. The last token of a completion predicts nothing and is
/// left out of the input.
/// </summary>
public sealed class PairBatch
{
    private readonly int[] counts; // scored tokens of each completion: the chosen ones, then the rejected ones

    /// <summary>Packs pairs.</summary>
    /// <exception cref="RequestException">A completion is empty.</exception>
    /// <param name="sharePrompts">False: each completion has a copy of its prompt (tests and benchmarks compare).</param>
    public PairBatch(IReadOnlyList<TokenPair> pairs, bool sharePrompts = true)
    {
        if (pairs.Any(pair => pair.Chosen.Count == 0 || pair.Rejected.Count == 0))
        {
            throw new RequestException("a pair has an empty completion, which has no log-prob: take it out.");
        }

        Pairs = pairs;
        IReadOnlyList<int>[] completions = [.. pairs.Select(pair => pair.Chosen), .. pairs.Select(pair => pair.Rejected)];
        IReadOnlyList<int> PromptOf(int completion) => pairs[completion % pairs.Count].Prompt;
        Packed = new PackedBatch(sharePrompts
            ? pairs.Select(pair => new PrefixedSequences(pair.Prompt, [Input(pair.Chosen), Input(pair.Rejected)]))
            : completions.Select((completion, i) => new PrefixedSequences(PromptOf(i), [Input(completion)])));

        // Where the packed sequences are, in the order of the completions.
        var groups = Packed.Groups.SelectMany(group => group.Branches.Select(branch => (group.Prefix, Branch: branch))).ToList();
        var places = sharePrompts ? groups.Where((_, i) => i % 2 == 0).Concat(groups.Where((_, i) => i % 2 == 1)).ToList() : groups;
        List<int> rows = [], targets = [];
        counts = new int[completions.Length];
        for (var i = 0; i < completions.Length; i++)
        {
            var (prefix, branch) = places[i];
            int[] before = prefix.Length > 0 ? [prefix.Start + prefix.Length - 1] : []; // the end of the prompt predicts the first token
            rows.AddRange([.. before, .. Enumerable.Range(branch.Start, branch.Length)]);
            targets.AddRange(completions[i].Skip(1 - before.Length));
            counts[i] = before.Length + branch.Length;
        }

        Scored = new ScoredTokens([.. rows], [.. targets]);
    }

    /// <summary>The pairs, in order.</summary>
    public IReadOnlyList<TokenPair> Pairs { get; }

    /// <summary>Input tokens.</summary>
    public PackedBatch Packed { get; }

    /// <summary>The tokens of all chosen completions, then of all rejected ones, and the rows that predict them. Without a prompt the first of a completion is not scored.</summary>
    public ScoredTokens Scored { get; }

    /// <summary>Number of the chosen completions' tokens that are scored.</summary>
    public int ScoredChosenTokens => counts.Take(Pairs.Count).Sum();

    /// <summary>Input tokens of a pair.</summary>
    public static long RowsOf(int prompt, int chosen, int rejected) => (long)prompt + chosen + rejected - 2;

    /// <summary>Sums the log-probs of the scored tokens for each completion: all chosen ones, then all rejected ones.</summary>
    /// <param name="logProbs">One per scored token.</param>
    public double[] Sum(float[] logProbs)
    {
        var sums = new double[counts.Length];
        var at = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            for (var end = at + counts[i]; at < end; at++)
            {
                sums[i] += logProbs[at];
            }
        }

        return sums;
    }

    /// <summary>Gives each scored token the derivative of the loss by its completion's summed log-prob.</summary>
    /// <param name="byChosen">[pairs]</param>
    /// <param name="byRejected">[pairs]</param>
    public float[] Spread(double[] byChosen, double[] byRejected) =>
        [.. byChosen.Concat(byRejected).SelectMany((derivative, i) => Enumerable.Repeat((float)derivative, counts[i]))];

    private static IReadOnlyList<int> Input(IReadOnlyList<int> completion) => [.. completion.SkipLast(1)];
}

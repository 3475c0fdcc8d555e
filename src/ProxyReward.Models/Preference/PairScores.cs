using ProxyReward.Models.Distributed;
using ProxyReward.Models.Transformer;

namespace ProxyReward.Models.Preference;

/// <summary>Summed log-probs of the completions of pairs under a model, in nats.</summary>
internal static class PairScores
{
    /// <summary>Scores batches; several processes take turns and tell each other.</summary>
    /// <param name="model">With or without an adapter, as it stands.</param>
    /// <param name="batches">In any number.</param>
    /// <param name="ranks">The processes.</param>
    /// <param name="cancellationToken">Of the first process; stops all of them between batches.</param>
    /// <returns>Of each batch, as it is scored: those of all chosen, then of all rejected completions.</returns>
    public static IEnumerable<double[]> Of(LanguageModel model, IEnumerable<PairBatch> batches, Ranks ranks, CancellationToken cancellationToken)
    {
        foreach (var turn in batches.Chunk(ranks.Count))
        {
            ranks.StopIfInterrupted(cancellationToken);
            foreach (var sums in Shared([.. turn.Select((batch, i) => ranks.Takes(i) ? Of(model, batch) : NotMine(batch))], ranks))
            {
                yield return sums;
            }
        }
    }

    /// <summary>What the process that has a batch's sums says, where the others say <see cref="NotMine"/>. Exact: they add 0.</summary>
    public static double[][] Shared(double[][] batches, Ranks ranks)
    {
        double[] all = [.. batches.SelectMany(batch => batch)];
        ranks.Sum(all);
        var at = 0;
        foreach (var batch in batches)
        {
            all.AsSpan(at, batch.Length).CopyTo(batch);
            at += batch.Length;
        }

        return batches;
    }

    /// <summary>The place of sums that another process has.</summary>
    public static double[] NotMine(PairBatch batch) => new double[2 * batch.Pairs.Count];

    private static double[] Of(LanguageModel model, PairBatch batch)
    {
        using var hidden = model.Forward(batch.Packed);
        return batch.Sum(model.Head.LogProbs(hidden, batch.Scored));
    }
}

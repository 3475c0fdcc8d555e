using ProxyReward.Models.Distributed;
using ProxyReward.Models.Kernels;
using ProxyReward.Models.Native;
using ProxyReward.Models.Optimization;
using ProxyReward.Models.Transformer;
using ProxyReward.Runs;

namespace ProxyReward.Models.Preference;

/// <summary>
/// The log-probs of the reference: of the model as it stands, without an adapter. They are kept batch by batch in a file whose name is a hash of all that they depend on
/// (weights, tokens, batches, processor, threads, type of the products, version of this project): a training that goes on reads them, bit for bit, and scores what is missing.
/// The first process writes; the others are told. Not thread-safe.
/// </summary>
/// <param name="model">Its adapter is taken off.</param>
/// <param name="folder">Where they are kept; made if absent.</param>
/// <param name="pace">How often.</param>
/// <param name="ranks">The processes that train together.</param>
internal sealed class ReferenceScores(LanguageModel model, string folder, SavePace pace, Ranks ranks)
{
    private const string Prefix = "reference-";

    /// <summary>The sums of each batch, read or scored.</summary>
    /// <param name="batches">Those that the policy will be scored in.</param>
    /// <param name="scored">Told how many pairs are done, of how many; not at all where all were kept.</param>
    /// <param name="cancellationToken">Stops between batches; what is done is kept.</param>
    /// <exception cref="RequestException">A log-prob is not finite.</exception>
    public double[][] Of(IReadOnlyList<PairBatch> batches, Action<int, int> scored, CancellationToken cancellationToken)
    {
        var (store, name, pairs) = (new RunFolder(folder), NameOf(batches), batches.Sum(batch => batch.Pairs.Count));
        var kept = ranks.IsFirst ? Kept(store, name) : [];
        var done = (int)ranks.Gather(kept.Count)[0];
        List<double[]> sums = [.. PairScores.Shared([.. batches.Take(done).Select((batch, i) => ranks.IsFirst ? kept[i] : PairScores.NotMine(batch))], ranks)];
        var pairsDone = batches.Take(done).Sum(batch => batch.Pairs.Count);
        if (pairsDone < pairs)
        {
            scored(pairsDone, pairs);
        }

        try
        {
            foreach (var batch in Score(model, batches.Skip(done), ranks, cancellationToken))
            {
                sums.Add(batch);
                scored(pairsDone += batch.Length / 2, pairs);
                if (pace.IsDue)
                {
                    pace.Save(Keep);
                }
            }
        }
        finally
        {
            Keep();
        }

        return [.. sums];

        void Keep()
        {
            if (ranks.IsFirst && sums.Count > done)
            {
                Jsonl.Append(store, name, sums.Skip(done));
                done = sums.Count;
            }
        }
    }

    /// <summary>Scores a reference that is not kept.</summary>
    /// <exception cref="RequestException">A log-prob is not finite.</exception>
    public static IEnumerable<double[]> Score(LanguageModel model, IEnumerable<PairBatch> batches, Ranks ranks, CancellationToken cancellationToken)
    {
        model.Adapter = null;
        return PairScores.Of(model, batches, ranks, cancellationToken).Select(sums => Array.TrueForAll(sums, double.IsFinite)
            ? sums
            : throw new RequestException("the model's log-probs are not finite before training begins: its weights are damaged. Fetch or train it again."));
    }

    private static List<double[]> Kept(RunFolder store, string name)
    {
        Directory.CreateDirectory(store.PathOf(""));
        foreach (var other in Directory.EnumerateFiles(store.PathOf(""), Prefix + "*").Where(file => Path.GetFileName(file) != name).ToList())
        {
            File.Delete(other);
        }

        return Jsonl.Resume<double[]>(store, name);
    }

    private string NameOf(IReadOnlyList<PairBatch> batches)
    {
        var computing = $"{Processor.Name}, {Parts.Count} threads, {model.Parameters.Compute.dtype}, {typeof(ReferenceScores).Module.ModuleVersionId}";
        var numbers = batches.SelectMany(batch => batch.Pairs.SelectMany(pair => pair.Numbers).Prepend(batch.Pairs.Count));
        return $"{Prefix}{Convert.ToHexStringLower(Fingerprint.Of(model.Parameters.Master, computing, numbers))[..16]}.jsonl";
    }
}

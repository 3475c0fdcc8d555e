using ProxyReward.Questions.Likeness;

namespace ProxyReward.Questions;

/// <summary>How a question set is cut into parts.</summary>
public sealed record SplitOptions
{
    /// <summary>Weight of the training part.</summary>
    public double Train { get; init; } = 0.6;

    /// <summary>Weight of the development part.</summary>
    public double Dev { get; init; } = 0.1;

    /// <summary>Weight of the held-out part.</summary>
    public double HeldOut { get; init; } = 0.3;

    /// <summary>Meta-questions at least this alike stay together (Jaccard index over content words and their neighbours).</summary>
    public double QuestionLikeness { get; init; } = 0.3;

    /// <summary>Questions that share a statement at least this alike stay together.</summary>
    public double StatementLikeness { get; init; } = 0.7;

    /// <summary>Which cut.</summary>
    public long Seed { get; init; }
}

/// <summary>
/// A question set cut into training, development and held-out part without leakage: questions that are nearly the same, or share a
/// statement that is, go to the same part. The cut depends on the seed and the ids, not on the order of the file.
/// </summary>
/// <param name="Parts">Each in the set's order.</param>
/// <param name="Clusters">Ids of the questions that had to stay together; only groups of two and more.</param>
public sealed record Split(QuestionSplits Parts, IReadOnlyList<IReadOnlyList<string>> Clusters)
{
    // A word that this many meta-questions use belongs to their template ("Write a comprehensive article about …"), not to a subject.
    private const double TemplateShare = 0.2;
    private const int TemplateLeast = 5;

    /// <summary>Cuts a set.</summary>
    /// <exception cref="RequestException">A weight is negative, or all are 0; a likeness is not in (0, 1].</exception>
    public static Split Of(IReadOnlyList<MetaQuestion> questions, SplitOptions options)
    {
        double[] weights = [options.Train, options.Dev, options.HeldOut];
        if (weights.Any(weight => !(weight >= 0) || double.IsInfinity(weight)) || weights.Sum() <= 0)
        {
            throw new RequestException($"split: the weights are {string.Join(", ", weights)}; none may be negative and one must be above 0.");
        }

        if (options.QuestionLikeness is not (> 0 and <= 1) || options.StatementLikeness is not (> 0 and <= 1))
        {
            throw new RequestException("split: a likeness must be above 0 and at most 1.");
        }

        var clusters = Clustered(questions, options);
        var part = Assigned(questions, clusters, weights, options.Seed);
        return new Split(
            new QuestionSplits(Part(0), Part(1), Part(2)),
            [.. clusters.Where(cluster => cluster.Count > 1).Select(Ids)]);

        IReadOnlyList<string> Ids(List<int> cluster) => [.. cluster.Select(i => questions[i].Id)];

        IReadOnlyList<MetaQuestion> Part(int wanted) => [.. questions.Where((_, i) => part[i] == wanted)];
    }

    // Places in the set, cluster by cluster.
    private static List<List<int>> Clustered(IReadOnlyList<MetaQuestion> questions, SplitOptions options)
    {
        var leader = Enumerable.Range(0, questions.Count).ToArray();
        var template = Template(questions);
        var subjects = NearDuplicates.Of([.. questions.Select(q => Features.Of(q.Text, template))], options.QuestionLikeness);
        var owners = questions.SelectMany((question, i) => question.Proxies.Select(_ => i)).ToArray();
        var statements = NearDuplicates.Of(
            [.. questions.SelectMany(q => q.Proxies).Select(proxy => Features.Of(proxy.Statement))], options.StatementLikeness);
        foreach (var pair in subjects)
        {
            Join(pair.First, pair.Second);
        }

        foreach (var pair in statements)
        {
            Join(owners[pair.First], owners[pair.Second]);
        }

        return [.. Enumerable.Range(0, questions.Count).GroupBy(Leader).Select(group => group.ToList())];

        void Join(int a, int b) => leader[Leader(a)] = Leader(b);

        int Leader(int i)
        {
            while (leader[i] != i)
            {
                i = leader[i] = leader[leader[i]];
            }

            return i;
        }
    }

    /// <summary>The words of a set that belong to its template, not to a subject.</summary>
    internal static HashSet<string> Template(IReadOnlyList<MetaQuestion> questions)
    {
        var most = Math.Max(TemplateLeast, TemplateShare * questions.Count);
        return [.. questions.SelectMany(q => Words.Of(q.Text).Distinct()).CountBy(word => word).Where(word => word.Value > most).Select(word => word.Key)];
    }

    // Clusters in drawn order, the large ones first so that the small ones even out, each to the part that lacks most.
    private static int[] Assigned(IReadOnlyList<MetaQuestion> questions, List<List<int>> clusters, double[] weights, long seed)
    {
        var part = new int[questions.Count];
        var filled = new double[weights.Length];
        var order = clusters.OrderBy(cluster => cluster.Min(i => questions[i].Id), StringComparer.Ordinal).ToList();
        Draws.Of(seed, "split").Shuffle(order);
        foreach (var cluster in order.OrderByDescending(cluster => cluster.Count))
        {
            var to = Enumerable.Range(0, weights.Length).MaxBy(p => (weights[p] / weights.Sum() * questions.Count) - filled[p]);
            filled[to] += cluster.Count;
            cluster.ForEach(i => part[i] = to);
        }

        return part;
    }
}

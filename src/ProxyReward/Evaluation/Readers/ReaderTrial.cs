using ProxyReward.Questions;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;

namespace ProxyReward.Evaluation.Readers;

/// <summary>Holds a reader against texts whose verdicts are known.</summary>
/// <param name="readings">The reader for its n-th reading; readings differ in their seed.</param>
/// <param name="bootstrap">Makes the intervals; the unit is the question.</param>
public sealed class ReaderTrial(Func<int, IReader> readings, Bootstrap bootstrap)
{
    private const int AtOnce = 64;
    private const int Bins = 10;

    /// <summary>Reads all texts and says how it went.</summary>
    /// <param name="texts">At least one.</param>
    /// <param name="repeats">Readings of each text; the first one counts, all of them make the noise.</param>
    /// <param name="twins">Whether negated statements are put to the reader: not to one that understands only the statements of a world.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="RequestException">The reader is given the gold answers.</exception>
    public async Task<ReaderReport> RunAsync(IReadOnlyList<LabelledText> texts, int repeats, bool twins, CancellationToken cancellationToken)
    {
        var reader = readings(0);
        if (reader.KnowsGoldAnswers)
        {
            throw new RequestException(
                $"reader '{reader.Name}' is given the gold answers: a confusion matrix, negated twins and a closed book say nothing about it. Measure another reader.");
        }

        var read = new List<IReadOnlyList<ProxyVerdict>[]>();
        for (var reading = 0; reading < repeats; reading++)
        {
            var again = readings(reading);
            read.Add(await AllAsync(texts, text => again.ReadCheckedAsync(text.Question, text.Text, cancellationToken)).ConfigureAwait(false));
        }

        var judged = (from pair in texts.Zip(read[0])
                      from one in pair.First.Labels.Zip(pair.Second)
                      select new Judged(pair.First.Question.Id, one.First, one.Second)).ToList();
        var questions = texts.DistinctBy(text => text.Question.Id).Select(text => text.Question).ToList();

        // Without a text nothing is stated by rule; here the rule is passed by, to see what the reader brings along.
        var closed = await AllAsync(questions, question => reader.ReadAsync(question, "", cancellationToken)).ConfigureAwait(false);
        return new()
        {
            Reader = reader.Name,
            Texts = texts.Count,
            Statements = judged.Count,
            Confusion = [.. Order.Select(label => (IReadOnlyList<int>)[.. Order.Select(verdict => judged.Count(j => j.Label == label && j.Verdict.Verdict == verdict))])],
            Agreement = Share(judged, j => j.QuestionId, j => j.Agrees),
            AlwaysTrue = Share(judged, j => j.QuestionId, j => j.Label == Verdict.True),
            AlwaysNotStated = Share(judged, j => j.QuestionId, j => j.Label == Verdict.NotStated),
            Twins = twins ? await TwinsAsync(reader, texts, cancellationToken).ConfigureAwait(false) : null,
            ClosedBook = bootstrap.Of([.. questions.Zip(closed, (question, verdicts) => ProxyCounts.Of(question, verdicts).Accuracy)]),
            RewardCorrelation = Correlation(
                [.. texts.Zip(read[0], (text, verdicts) => ProxyCounts.Of(text.Question, verdicts).Accuracy)],
                [.. texts.Select(text => ProxyCounts.Of(text.Question, [.. text.Question.Proxies.Zip(text.Labels, (p, label) => new ProxyVerdict(p.Id, label))]).Accuracy)]),
            Noise = repeats < 2 ? null : Noise(texts, read),
            Reliability = ReliabilityOf(judged),
            CalibrationError = ReliabilityOf(judged) is { Count: > 0 } bins
                ? bins.Sum(bin => bin.N * Math.Abs(bin.Confidence - bin.Agreement)) / bins.Sum(bin => bin.N)
                : null,
            QuoteFailures = judged.Count(j => j.Verdict.Failure == ReadingFailure.Quote),
            ReplyFailures = judged.Count(j => j.Verdict.Failure == ReadingFailure.Reply),
        };
    }

    private static readonly Verdict[] Order = [Verdict.True, Verdict.False, Verdict.NotStated];

    private static async Task<TResult[]> AllAsync<T, TResult>(IReadOnlyList<T> items, Func<T, Task<TResult>> work)
    {
        var results = new List<TResult>();
        foreach (var batch in items.Chunk(AtOnce))
        {
            results.AddRange(await Task.WhenAll(batch.Select(work)).ConfigureAwait(false));
        }

        return [.. results];
    }

    private async Task<Estimate?> TwinsAsync(IReader reader, IReadOnlyList<LabelledText> texts, CancellationToken cancellationToken)
    {
        var twinned = Questions.Twins.Of([.. texts.Select(text => text.Question)], proxy => Negation.Of(proxy.Statement)).Questions;
        var read = await AllAsync([.. texts.Zip(twinned)], pair => reader.ReadCheckedAsync(pair.Second, pair.First.Text, cancellationToken)).ConfigureAwait(false);
        var consistent = (from pair in twinned.Zip(read)
                          let verdicts = pair.Second.ToDictionary(v => v.ProxyId, v => v.Verdict, StringComparer.Ordinal)
                          from proxy in pair.First.Proxies
                          where Questions.Twins.TwinOf(proxy) is not null
                          select (pair.First.Id, Opposite: verdicts[proxy.Id] == Opposite(verdicts[Questions.Twins.TwinOf(proxy)!]))).ToList();
        return consistent.Count == 0 ? null : Share(consistent, twin => twin.Id, twin => twin.Opposite);
    }

    private static Verdict Opposite(Verdict verdict) => verdict switch { Verdict.True => Verdict.False, Verdict.False => Verdict.True, _ => verdict };

    private Estimate Share<T>(IEnumerable<T> items, Func<T, string> questionOf, Func<T, bool> holds) =>
        bootstrap.Of([.. items.GroupBy(questionOf, StringComparer.Ordinal).Select(group => group.Average(item => holds(item) ? 1.0 : 0))]);

    private Estimate Noise(IReadOnlyList<LabelledText> texts, List<IReadOnlyList<ProxyVerdict>[]> read)
    {
        var variances = texts.Select((text, i) =>
            (text.Question.Id, Noise: Variance.Of([.. read.Select(reading => ProxyCounts.Of(text.Question, reading[i]).Accuracy)])));
        return bootstrap.Of([.. variances.GroupBy(v => v.Id, StringComparer.Ordinal).Select(group => group.Average(v => v.Noise))]);
    }

    private static List<ReliabilityBin> ReliabilityOf(List<Judged> judged) =>
    [
        .. from j in judged
           where j.Verdict.Confidence is not null
           group j by Math.Min(Bins - 1, (int)(j.Verdict.Confidence!.Value * Bins)) into bin
           orderby bin.Key
           select new ReliabilityBin((double)bin.Key / Bins, bin.Count(), bin.Average(j => j.Verdict.Confidence!.Value), bin.Average(j => j.Agrees ? 1.0 : 0)),
    ];

    private static double? Correlation(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        var (varianceA, varianceB) = (a.Sum(x => (x - meanA) * (x - meanA)), b.Sum(x => (x - meanB) * (x - meanB)));
        return varianceA == 0 || varianceB == 0 ? null : a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum() / Math.Sqrt(varianceA * varianceB);
    }

    private sealed record Judged(string QuestionId, Verdict Label, ProxyVerdict Verdict)
    {
        public bool Agrees => Verdict.Verdict == Label;
    }
}

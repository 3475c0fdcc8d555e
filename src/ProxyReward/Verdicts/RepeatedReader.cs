using ProxyReward.Questions;

namespace ProxyReward.Verdicts;

/// <summary>
/// Reads a text several times and takes what more than half of the readings say, NotStated where there is no such verdict (ours). Its
/// confidence is the mean of theirs, those that disagree counted as 0. What each reading said is kept: their variance is the reader's noise.
/// </summary>
/// <param name="readings">The reader, once for each reading; they differ in their seed.</param>
public sealed class RepeatedReader(IReadOnlyList<IReader> readings) : IReader
{
    /// <inheritdoc/>
    public string Name => readings[0].Name;

    /// <inheritdoc/>
    public bool Quotes => readings[0].Quotes;

    /// <inheritdoc/>
    public bool KnowsGoldAnswers => readings[0].KnowsGoldAnswers;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        var read = await Task.WhenAll(readings.Select(reader => reader.ReadCheckedAsync(question, text, cancellationToken))).ConfigureAwait(false);
        return [.. question.Proxies.Select((_, proxy) => Majority([.. read.Select(verdicts => verdicts[proxy])]))];
    }

    private static ProxyVerdict Majority(ProxyVerdict[] read)
    {
        var verdict = read.GroupBy(one => one.Verdict).FirstOrDefault(group => group.Count() * 2 > read.Length)?.Key ?? Verdict.NotStated;
        var agreeing = read.Where(one => one.Verdict == verdict).ToList();
        return new ProxyVerdict(
            read[0].ProxyId,
            verdict,
            verdict == Verdict.NotStated ? null : agreeing[0].Quote,
            agreeing.Exists(one => one.Confidence is not null) ? agreeing.Sum(one => one.Confidence ?? 0) / read.Length : null)
        {
            Failure = verdict == Verdict.NotStated ? read.Select(one => one.Failure).FirstOrDefault(failure => failure is not null) : null,
            Readings = [.. read.Select(one => one.Verdict)],
        };
    }
}

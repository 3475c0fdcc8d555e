using ProxyReward.Questions;

namespace ProxyReward.Verdicts;

/// <summary>How a response did on its proxy questions: what every reward and measure of verdicts is made of.</summary>
/// <param name="Correct">Verdicts that equal the gold answer.</param>
/// <param name="Stated">Verdicts True or False.</param>
/// <param name="Proxies">All proxy questions.</param>
public sealed record ProxyCounts(int Correct, int Stated, int Proxies)
{
    /// <summary>Correct / all proxies (paper, Eq. 4); NotStated is wrong.</summary>
    public double Accuracy => Proxies == 0 ? 0 : (double)Correct / Proxies;

    /// <summary>Correct / stated; 0 when nothing is stated (the paper names it, the formula is ours).</summary>
    public double Precision => Stated == 0 ? 0 : (double)Correct / Stated;

    /// <summary>Counts verdicts against the gold answers, matched by proxy id.</summary>
    public static ProxyCounts Of(MetaQuestion question, IReadOnlyList<ProxyVerdict> verdicts)
    {
        var gold = question.Proxies.ToDictionary(p => p.Id, p => p.Answer, StringComparer.Ordinal);
        return new(
            verdicts.Count(v => v.Verdict == (gold[v.ProxyId] ? Verdict.True : Verdict.False)),
            verdicts.Count(v => v.Verdict != Verdict.NotStated),
            question.Proxies.Count);
    }
}

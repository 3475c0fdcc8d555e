namespace ProxyReward.Pairs.Strategies;

/// <summary>Every two responses of different reward that lie a gap apart, widest gap first (ours). A response may serve in several pairs.</summary>
internal sealed class AllAboveGap(double gap) : IPairStrategy
{
    public string WhyNone => "no two of their responses lie min_gap apart";

    public IEnumerable<CandidatePair> PairsOf(RatedQuestion question) =>
        from better in question.Best
        from worse in question.Best
        let pair = new CandidatePair(better, worse)
        where pair.Gap > 0 && pair.IsApartBy(gap)
        orderby pair.Gap descending, better.Index, worse.Index
        select pair;
}

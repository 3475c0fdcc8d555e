namespace ProxyReward.Questions.Gate;

/// <summary>Where the gate draws its lines. All ours but the share of True, of which the paper says "most".</summary>
public sealed record GateOptions
{
    /// <summary>Least share of proxies whose answer is True, over the set.</summary>
    public double LeastTrue { get; init; } = 0.5;

    /// <summary>Greatest share of proxies whose answer is True, over the set: beyond it a reader that always agrees is hard to tell.</summary>
    public double MostTrue { get; init; } = 0.9;

    /// <summary>Fewer proxies than this make a coarse reward.</summary>
    public int LeastProxies { get; init; } = 5;

    /// <summary>Longest statement, in words.</summary>
    public int MostWords { get; init; } = 40;

    /// <summary>From this Jaccard index on, two statements are the same.</summary>
    public double StatementLikeness { get; init; } = 0.8;

    /// <summary>From this Jaccard index on, two meta-questions are the same.</summary>
    public double QuestionLikeness { get; init; } = 0.8;
}

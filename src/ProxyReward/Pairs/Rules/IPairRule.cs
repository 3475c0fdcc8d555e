namespace ProxyReward.Pairs.Rules;

/// <summary>Takes pairs away. A function of the pairs alone.</summary>
internal interface IPairRule
{
    /// <summary>The recipe's key, or what funnel.jsonl calls a rule that has none.</summary>
    string Key { get; }

    /// <summary>What is wrong with the pairs it removes, for people.</summary>
    string Why { get; }

    /// <summary>The pairs that stay, in their order.</summary>
    IEnumerable<CandidatePair> Keep(IReadOnlyList<CandidatePair> pairs);
}

/// <summary>A rule that looks at one pair at a time.</summary>
internal abstract class SinglePairRule(string key, string why) : IPairRule
{
    public string Key => key;

    public string Why => why;

    public IEnumerable<CandidatePair> Keep(IReadOnlyList<CandidatePair> pairs) => pairs.Where(pair => !Drops(pair));

    protected abstract bool Drops(CandidatePair pair);
}

namespace ProxyReward.Pairs.Rules;

/// <summary>Cases in which "multiple preference indicators conflict" are dropped (paper); which indicators there are is ours.</summary>
internal sealed class ConflictRule(IReadOnlyList<Indicator> indicators) : SinglePairRule("drop_conflicts", "an indicator prefers the other response")
{
    /// <summary>How many of the pairs each indicator objects to.</summary>
    public IReadOnlyDictionary<Indicator, int> Objections(IEnumerable<CandidatePair> pairs)
    {
        var objections = pairs.SelectMany(pair => pair.ObjectorsAmong(indicators)).CountBy(indicator => indicator).ToDictionary();
        return new OrderedDictionary<Indicator, int>(indicators.Select(i => KeyValuePair.Create(i, objections.GetValueOrDefault(i))));
    }

    protected override bool Drops(CandidatePair pair) => pair.ObjectorsAmong(indicators).Any();
}

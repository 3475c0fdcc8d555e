namespace ProxyReward.Pairs.Rules;

/// <summary>A small gap is a weak preference (ours).</summary>
internal sealed class MinGapRule(double gap) : SinglePairRule("min_gap", "the rewards lie too close together")
{
    protected override bool Drops(CandidatePair pair) => !pair.IsApartBy(gap);
}

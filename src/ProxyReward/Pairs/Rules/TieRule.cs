namespace ProxyReward.Pairs.Rules;

/// <summary>Two responses of the same reward are no preference (ours).</summary>
internal sealed class TieRule() : SinglePairRule("tie", "both responses have the same reward")
{
    protected override bool Drops(CandidatePair pair) => pair.Gap <= 0;
}

namespace ProxyReward.Pairs.Rules;

/// <summary>A response that met the token limit does not end, and should not be learnt as if it did (ours).</summary>
internal sealed class TruncatedChosenRule() : SinglePairRule("drop_truncated_chosen", "the better response met the token limit")
{
    protected override bool Drops(CandidatePair pair) => pair.Better.Truncated;
}

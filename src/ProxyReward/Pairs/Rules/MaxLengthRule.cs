namespace ProxyReward.Pairs.Rules;

/// <summary>What is trained on must be what was scored: a pair that the trainer would have to cut is dropped (ours). Pairs of unknown size stay.</summary>
internal sealed class MaxLengthRule(int tokens) : SinglePairRule("max_length", "the prompt and an answer are longer than max_length")
{
    protected override bool Drops(CandidatePair pair) => pair.Better.SequenceTokens > tokens || pair.Worse.SequenceTokens > tokens;
}

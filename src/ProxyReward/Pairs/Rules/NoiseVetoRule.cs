namespace ProxyReward.Pairs.Rules;

/// <summary>
/// A gap that another reading might well turn round (ours): gap &lt; factor · √(variance of the better + variance of the worse), each the
/// variance of the reward over repeated readings of that response.
/// </summary>
internal sealed class NoiseVetoRule(double factor) : SinglePairRule("noise_veto", "the gap lies within what the reader's verdicts vary when it reads again")
{
    protected override bool Drops(CandidatePair pair) =>
        pair.Better.ReadingVariance + pair.Worse.ReadingVariance is { } variance && pair.Gap < factor * Math.Sqrt(variance);
}

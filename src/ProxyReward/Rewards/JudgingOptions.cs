using System.ComponentModel;
using ProxyReward.Verdicts;

namespace ProxyReward.Rewards;

/// <summary>Who rates whole texts: the section <c>judging</c> of a recipe.</summary>
public sealed record JudgingOptions : AskedModel
{
    [Description("Prompt files that each ask for a rating from 1 to 10, of which the mean counts: judge-overall, judge-coverage, judge-clarity, or your own of these names in the folder prompts")]
    public IReadOnlyList<string> Rubrics { get; init; } = ["judge-overall"];
}

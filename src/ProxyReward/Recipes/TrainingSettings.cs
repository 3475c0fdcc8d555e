using System.ComponentModel;
using ProxyReward.Responses;
using ProxyReward.Training;

namespace ProxyReward.Recipes;

/// <summary>What a training without a recipe is asked to do; spelled as in recipes.</summary>
public sealed record TrainingSettings
{
    [Description("Seed of every random draw: order of pairs, start of an adapter")]
    public long Seed { get; init; }

    [Description("How the chat template is rendered")]
    public ChatTemplateOptions Chat { get; init; } = new();

    [Description("Direct preference optimisation")]
    public DpoOptions Dpo { get; init; } = new();

    [Description("What is done with the pairs of --eval")]
    public DevOptions Dev { get; init; } = new();
}

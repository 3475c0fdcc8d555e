using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ProxyReward.Rewards;

/// <summary>The weights of <see cref="MixReward"/>. Every term lies on 0–1 before its weight; 0 leaves a term out.</summary>
public sealed record MixOptions
{
    [Description("Weight of correct / all proxies"), Range(-1, 1)]
    public double Accuracy { get; init; }

    [Description("Weight of correct / stated proxies"), Range(-1, 1)]
    public double Precision { get; init; }

    [Description("Weight of the judge's rating, (rating - 1) / 9"), Range(-1, 1)]
    public double Judge { get; init; }

    [Description("Weight of the length, tokens / responses.max_new_tokens; below 0 it is a penalty"), Range(-1, 1)]
    public double Length { get; init; }

    [Description("Weight of the share of 4-grams of words that occurred before; below 0 it is a penalty"), Range(-1, 1)]
    public double Repetition { get; init; }
}

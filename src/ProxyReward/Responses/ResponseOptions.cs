using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ProxyReward.Responses;

/// <summary>How the policy writes responses to the training questions.</summary>
public sealed record ResponseOptions
{
    [Description("Responses to each question"), Range(2, 1000)]
    public int K { get; init; } = 8;

    [Description("Sampling temperature"), Range(0, 10)]
    public double Temperature { get; init; } = 0.8;

    [Description("Keeps the likeliest tokens up to this mass; 1 is off"), Range(0.000001, 1)]
    public double TopP { get; init; } = 1;

    [Description("Keeps this many tokens; 0 is off"), Range(0, 1_000_000)]
    public int TopK { get; init; }

    [Description("Drops tokens below this share of the likeliest one; 0 is off"), Range(0, 1)]
    public double MinP { get; init; }

    [Description("A response that has not ended by then is truncated"), Range(1, 1 << 20)]
    public int MaxNewTokens { get; init; } = 1024;

    [Description("Responses written together; part of the plan, so that another value gives other bytes"), Range(1, 65536)]
    public int Batch { get; init; } = 64;

    /// <summary>The sampler's settings at a temperature.</summary>
    public SamplingOptions Sampling(double temperature) => new(temperature, TopP, TopK, MinP, MaxNewTokens);
}

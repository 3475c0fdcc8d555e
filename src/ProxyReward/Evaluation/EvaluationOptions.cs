using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ProxyReward.Verdicts;

namespace ProxyReward.Evaluation;

/// <summary>How models are compared on the held-out questions.</summary>
public sealed record EvaluationOptions
{
    [Description("Responses to each held-out question"), Range(1, 1000)]
    public int Responses { get; init; } = 8;

    [Description("Sampling temperature; 0 takes the likeliest token"), Range(0, 10)]
    public double Temperature { get; init; } = 0.8;

    [Description("Sampling temperature of the controls temperature and trained_temperature; only where they are named"), Range(0, 10)]
    public double ControlTemperature { get; init; } = 0.5;

    [Description("Reader of the held-out responses; null takes the training reader")]
    public ReaderKind? Reader { get; init; }

    [Description("How that reader reads, if it is a model")]
    public ReadingOptions Reading { get; init; } = new();

    [Description("Responses to each held-out question that measure the divergence from the base (ours); 0 measures none"), Range(0, 1000)]
    public int KlResponses { get; init; } = 1;

    [Description("Resamples of the questions behind each 95 % interval"), Range(100, 1_000_000)]
    public int BootstrapDraws { get; init; } = 2000;
}

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ProxyReward.Verdicts;

/// <summary>How a reader that is a model reads: the sections <c>reading</c> and <c>evaluation.reading</c> of a recipe.</summary>
public sealed record ReadingOptions : AskedModel
{
    [Description("One request for all proxies of a response, or one for each")]
    public ReadingUnit Ask { get; init; }

    [Description("Tokens of a response that are read at once; 0: as many as the model takes (an entailment classifier at most 512 with the statement), at an endpoint all of them"), Range(0, 1 << 20)]
    public int WindowTokens { get; init; }

    [Description("Tokens that a window shares with the one before"), Range(0, 1 << 20)]
    public int Overlap { get; init; } = 64;

    [Description("What read --calibrate measured and fitted; without it a logit reader trains nobody")]
    public string? Calibration { get; init; }

    [Description("Trains with a reader that was not measured, or found no better than one that says True of everything")]
    public bool Force { get; init; }

    [Description("Readings of each response, of which the majority counts; what they disagree in is the reader's noise"), Range(1, 100)]
    public int Repeats { get; init; } = 1;
}

/// <summary>What a chat model is asked at a time.</summary>
public enum ReadingUnit
{
    /// <summary>All proxy questions of a response.</summary>
    PerResponse,

    /// <summary>One proxy question of a response.</summary>
    PerProxy,
}

/// <summary>A reader and how it reads.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Options">How; the defaults for a reader that is no model.</param>
public sealed record ReaderChoice(ReaderKind Kind, ReadingOptions Options);

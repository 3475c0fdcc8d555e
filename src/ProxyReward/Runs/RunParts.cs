using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Rewards;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Runs;

/// <summary>
/// What a run is composed of. Everything that costs time or memory is asked for when the first stage needs it, so that a finished
/// run loads nothing.
/// </summary>
public sealed record RunParts
{
    /// <summary>The questions; asked for when the run begins, kept in the run folder from then on.</summary>
    public required Func<QuestionSplits> Questions { get; init; }

    /// <summary>Finds the folder of the model to start from.</summary>
    public required Func<string> Model { get; init; }

    /// <summary>Opens policies.</summary>
    public required IPolicyLoader Policies { get; init; }

    /// <summary>The readers by name; the same choice gives the same reader.</summary>
    public required Func<ReaderChoice, IReader> Readers { get; init; }

    /// <summary>The judge of the judge reward; null where there is none.</summary>
    public Func<IJudge>? Judge { get; init; }

    /// <summary>Who knows the truth; null where nobody does.</summary>
    public IFactChecker? Facts { get; init; }

    /// <summary>What run.json says about the engine, for example its version and compute type.</summary>
    public IReadOnlyDictionary<string, string> Engine { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What readers and others hold open; disposed of with the run.</summary>
    public IDisposable? Held { get; init; }

    /// <summary>Measures the seconds of the stages.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

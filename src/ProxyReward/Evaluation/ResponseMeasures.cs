using System.Text.Json.Serialization;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Evaluation;

/// <summary>Every measure of one held-out response. One line of evaluation/measures.jsonl.</summary>
public sealed record ResponseMeasures
{
    public required string QuestionId { get; init; }
    public required int Index { get; init; }

    /// <summary>Proxies whose verdict equals the gold answer / all proxies; NotStated is wrong.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The same for the response's first 120 tokens, an unfinished last sentence dropped.</summary>
    [JsonPropertyName("accuracy_at_120")]
    public required double AccuracyAt120 { get; init; }

    /// <summary>Correct / stated proxies; null for a reader that knows the gold answers.</summary>
    public required double? Precision { get; init; }

    /// <summary>Fact sentences that contradict the truth / fact sentences; null where no truth is known.</summary>
    public required double? Contradicted { get; init; }

    /// <summary>Fact sentences whose attribute was stated before / fact sentences; null where no truth is known.</summary>
    public required double? Duplicates { get; init; }

    /// <summary>Share of the 4-grams of words that occurred before in the response.</summary>
    public required double Repetition { get; init; }

    /// <summary>1 if the response met the token limit, else 0.</summary>
    public required double Truncated { get; init; }

    /// <summary>Generated tokens.</summary>
    public required double LengthTokens { get; init; }

    /// <summary>Measures a response.</summary>
    /// <param name="question">The held-out question.</param>
    /// <param name="response">The response.</param>
    /// <param name="verdicts">On the whole response.</param>
    /// <param name="openingVerdicts">On its opening.</param>
    /// <param name="facts">What it states; null where no truth is known.</param>
    /// <param name="hasPrecision">Whether the reader's precision means anything.</param>
    public static ResponseMeasures Of(
        MetaQuestion question,
        Response response,
        IReadOnlyList<ProxyVerdict> verdicts,
        IReadOnlyList<ProxyVerdict> openingVerdicts,
        FactCheck? facts,
        bool hasPrecision)
    {
        var counts = ProxyCounts.Of(question, verdicts);
        return new()
        {
            QuestionId = question.Id,
            Index = response.Index,
            Accuracy = counts.Accuracy,
            AccuracyAt120 = ProxyCounts.Of(question, openingVerdicts).Accuracy,
            Precision = hasPrecision ? counts.Precision : null,
            Contradicted = facts is null ? null : Share(facts.Contradicted, facts.Facts),
            Duplicates = facts is null ? null : Share(facts.Duplicates, facts.Facts),
            Repetition = Responses.Repetition.Of(response.Text),
            Truncated = response.Truncated ? 1 : 0,
            LengthTokens = response.LengthTokens,
        };
    }

    private static double Share(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}

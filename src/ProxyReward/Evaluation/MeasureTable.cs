using System.Text.Json.Serialization;

namespace ProxyReward.Evaluation;

/// <summary>
/// The measures of a model on the held-out questions: mean over a question's responses, then over questions. Null where a measure
/// does not apply (no truth is known, or the reader knows the gold answers). Definitions: <see cref="ResponseMeasures"/>.
/// </summary>
public record MeasureTable
{
    [JsonPropertyOrder(1)]
    public required Estimate? Accuracy { get; init; }

    [JsonPropertyOrder(2), JsonPropertyName("accuracy_at_120")]
    public required Estimate? AccuracyAt120 { get; init; }

    [JsonPropertyOrder(3)]
    public required Estimate? Precision { get; init; }

    [JsonPropertyOrder(4)]
    public required Estimate? Contradicted { get; init; }

    [JsonPropertyOrder(5)]
    public required Estimate? Duplicates { get; init; }

    [JsonPropertyOrder(6)]
    public required Estimate? Repetition { get; init; }

    [JsonPropertyOrder(7)]
    public required Estimate? Truncated { get; init; }

    [JsonPropertyOrder(8)]
    public required Estimate? LengthTokens { get; init; }

    /// <summary>Sums up the measures of all responses.</summary>
    public static MeasureTable Of(IReadOnlyList<ResponseMeasures> measures, Bootstrap bootstrap) => new()
    {
        Accuracy = Mean(measures, m => m.Accuracy, bootstrap),
        AccuracyAt120 = Mean(measures, m => m.AccuracyAt120, bootstrap),
        Precision = Mean(measures, m => m.Precision, bootstrap),
        Contradicted = Mean(measures, m => m.Contradicted, bootstrap),
        Duplicates = Mean(measures, m => m.Duplicates, bootstrap),
        Repetition = Mean(measures, m => m.Repetition, bootstrap),
        Truncated = Mean(measures, m => m.Truncated, bootstrap),
        LengthTokens = Mean(measures, m => m.LengthTokens, bootstrap),
    };

    private static Estimate? Mean(IReadOnlyList<ResponseMeasures> measures, Func<ResponseMeasures, double?> of, Bootstrap bootstrap)
    {
        var means = PerQuestion.Means(measures, of).Values.ToList();
        return means.Count == 0 ? null : bootstrap.Of(means);
    }
}

/// <summary>How much better a model is than the base on the same questions, with the paired 95 % interval.</summary>
public sealed record MeasureDifference(
    Estimate Accuracy,
    [property: JsonPropertyName("accuracy_at_120")] Estimate AccuracyAt120)
{
    /// <summary>Model minus base, question by question.</summary>
    public static MeasureDifference Of(
        IReadOnlyList<ResponseMeasures> model, IReadOnlyList<ResponseMeasures> other, Bootstrap bootstrap) =>
        new(
            bootstrap.Of(PerQuestion.Differences(model, other, m => m.Accuracy)),
            bootstrap.Of(PerQuestion.Differences(model, other, m => m.AccuracyAt120)));
}

/// <summary>Means over the responses of each question.</summary>
public static class PerQuestion
{
    /// <summary>One mean per question, in the order in which questions first occur; questions without a value are left out.</summary>
    public static IReadOnlyDictionary<string, double> Means(IEnumerable<ResponseMeasures> measures, Func<ResponseMeasures, double?> of) =>
        new OrderedDictionary<string, double>(
            measures.GroupBy(m => m.QuestionId, of, StringComparer.Ordinal)
                .Where(g => g.All(v => v is not null))
                .Select(g => KeyValuePair.Create(g.Key, g.Average()!.Value)),
            StringComparer.Ordinal);

    /// <summary>Model minus other for each question that both answered.</summary>
    public static IReadOnlyList<double> Differences(
        IEnumerable<ResponseMeasures> model, IEnumerable<ResponseMeasures> other, Func<ResponseMeasures, double?> of)
    {
        var others = Means(other, of);
        return [.. Means(model, of).Where(m => others.ContainsKey(m.Key)).Select(m => m.Value - others[m.Key])];
    }
}

using ProxyReward.Evaluation;
using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Sections;

/// <summary>A measure as the page shows it.</summary>
/// <param name="Name">Heading of its column.</param>
/// <param name="Aim">An arrow that points where better is; empty where neither way is.</param>
/// <param name="Whose">The paper's or ours.</param>
/// <param name="Meaning">For someone who never heard of it.</param>
/// <param name="Of">Its estimate.</param>
/// <param name="IsShare">A share of 0–1, shown in percent; else a count.</param>
/// <param name="Difference">Its difference to the base, of a share in points; null where none is measured.</param>
internal sealed record Measure(
    string Name, string Aim, string Whose, string Meaning, Func<MeasureTable, Estimate?> Of, bool IsShare = true, Func<MeasureDifference, Estimate>? Difference = null)
{
    private const string Higher = "↑";
    private const string Lower = "↓";

    /// <summary>All of them, in the order of summary.json.</summary>
    public static IReadOnlyList<Measure> All { get; } =
    [
        new("Accuracy", Higher, "paper", "statements that the reader settles rightly from the answer, of all statements; what the answer does not state counts as wrong (that rule is ours)", m => m.Accuracy, Difference: d => d.Accuracy),
        new("Accuracy at 120", Higher, "ours", "the same for the first 120 tokens of the answer, so that writing more cannot help", m => m.AccuracyAt120, Difference: d => d.AccuracyAt120),
        new("Precision", Higher, "ours", "right ones of the statements that the answer does settle", m => m.Precision),
        new("Contradicted", Lower, "ours", "fact sentences that contradict what is true in the world", m => m.Contradicted),
        new("Duplicates", Lower, "ours", "fact sentences about something the answer had already stated", m => m.Duplicates),
        new("Repetition", Lower, "ours", "runs of four words that occurred before in the answer", m => m.Repetition),
        new("Truncated", Lower, "ours", "answers that met the token limit before their end", m => m.Truncated),
        new("Length", "", "ours", "tokens of an answer", m => m.LengthTokens, IsShare: false),
    ];

    /// <summary>A table cell: the mean, under it the interval. Says its n where it is not the row's.</summary>
    public Html Cell(MeasureTable measures) => Of(measures) is not { } value ? Html.Of($"<td>–</td>") : Html.Of($"""
        <td>{Number(value.Mean)}<small>{Number(value.Low)} to {Number(value.High)}{(value.N == measures.Accuracy?.N ? "" : $", n = {value.N}")}</small></td>
        """);

    private string Number(double value) => IsShare ? Figures.Percent(value) : Figures.Count(value);
}

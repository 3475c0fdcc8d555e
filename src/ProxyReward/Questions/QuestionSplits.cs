using System.Text.Json;

namespace ProxyReward.Questions;

/// <summary>The questions of a run. No id occurs twice, within a split or across them.</summary>
/// <param name="Train">What the policy is trained on.</param>
/// <param name="Dev">Kept apart for choices between models; may be empty.</param>
/// <param name="HeldOut">What models are compared on.</param>
public sealed record QuestionSplits(IReadOnlyList<MetaQuestion> Train, IReadOnlyList<MetaQuestion> Dev, IReadOnlyList<MetaQuestion> HeldOut)
{
    private const string Key = "split";

    /// <summary>One list, each question with its split in the field <c>split</c>.</summary>
    /// <exception cref="RequestException">A question is in two splits: what was trained on must not be evaluated on.</exception>
    public IReadOnlyList<MetaQuestion> Joined()
    {
        var all = Marked(Train, "train").Concat(Marked(Dev, "dev")).Concat(Marked(HeldOut, "held_out")).ToList();
        var twice = all.GroupBy(q => q.Id, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        return twice is null
            ? all
            : throw new RequestException(
                $"questions: '{twice.Key}' is in {string.Join(" and in ", twice.Select(SplitOf))}. Remove it from one: what is trained on must not be evaluated on.");
    }

    /// <summary>The splits of a list that <see cref="Joined"/> made.</summary>
    public static QuestionSplits Of(IEnumerable<MetaQuestion> joined)
    {
        var splits = joined.ToLookup(SplitOf, StringComparer.Ordinal);
        return new([.. splits["train"]], [.. splits["dev"]], [.. splits["held_out"]]);
    }

    /// <summary>A question of <see cref="Joined"/> without its split: what is asked, whichever side it is on.</summary>
    public static MetaQuestion Unmarked(MetaQuestion question) =>
        question with { Other = question.Other?.Where(field => field.Key != Key).ToDictionary(StringComparer.Ordinal) };

    private static IEnumerable<MetaQuestion> Marked(IEnumerable<MetaQuestion> questions, string split) =>
        questions.Select(q => q with { Other = new(q.Other ?? []) { [Key] = JsonSerializer.SerializeToElement(split) } });

    private static string SplitOf(MetaQuestion question) =>
        question.Other?.GetValueOrDefault(Key) is { ValueKind: JsonValueKind.String } split ? split.GetString()! : "";
}

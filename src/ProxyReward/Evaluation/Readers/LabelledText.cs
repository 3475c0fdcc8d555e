using System.Text.Json;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Evaluation.Readers;

/// <summary>A text with what a perfect reader would say about each proxy question.</summary>
/// <param name="Question">The meta-question; texts of one question are one unit of the statistics.</param>
/// <param name="Text">The text.</param>
/// <param name="Labels">One per proxy question, in order.</param>
public sealed record LabelledText(MetaQuestion Question, string Text, IReadOnlyList<Verdict> Labels)
{
    /// <summary>Reads a file: a question set whose questions carry <c>text</c> and whose proxies carry <c>label</c> (True, False or NotStated).</summary>
    /// <exception cref="RequestException">It is no such file.</exception>
    public static IReadOnlyList<LabelledText> Load(string path) => [.. QuestionSet.Load(path).Select(question => Of(question, path))];

    private static LabelledText Of(MetaQuestion question, string path)
    {
        var text = question.Other?.GetValueOrDefault("text") is { ValueKind: JsonValueKind.String } found
            ? found.GetString()!
            : throw new RequestException($"{path}: question '{question.Id}' has no \"text\". Give it the text that its proxies were judged from.");
        return new(question, text, [.. question.Proxies.Select(proxy => proxy.Other?.GetValueOrDefault("label") is { ValueKind: JsonValueKind.String } label
            && Enum.TryParse<Verdict>(label.GetString(), out var verdict) && Enum.IsDefined(verdict)
                ? verdict
                : throw new RequestException($"{path}: proxy '{proxy.Id}' has no \"label\". Say what the text says of it: True, False or NotStated."))]);
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using ProxyReward.Questions;

namespace ProxyReward.Evaluation.Attacks;

/// <summary>A text that wants a reward without answering. The list is attacks.json beside this file; gaps are filled for each question.</summary>
/// <param name="Name">For tables.</param>
/// <param name="Text">With gaps such as <c>{{statements}}</c>.</param>
public sealed partial record Attack(string Name, string Text)
{
    private const int Repetitions = 100_000;

    /// <summary>All attacks, in the order of the tables.</summary>
    public static IReadOnlyList<Attack> All { get; } = Load();

    /// <summary>The text for a question.</summary>
    /// <param name="question">The question attacked: an attacker who knows its proxies is the worst case.</param>
    /// <param name="other">An honest text on another subject.</param>
    public string On(MetaQuestion question, string other) => Gap().Replace(Text, gap => gap.Groups["name"].Value switch
    {
        "statements" => Sentences(question, statement => statement),
        "verdicts" => Sentences(question, statement => $"{statement} True."),
        "denied" => Sentences(question, statement => Negation.Of(statement) ?? $"It is not true that {statement}"),
        "halves" => Sentences(question, Half),
        "questions" => Sentences(question, statement => $"Is it true that {statement.TrimEnd('.')}?"),
        "keywords" => string.Join(' ', question.Proxies.SelectMany(Keywords).Distinct(StringComparer.OrdinalIgnoreCase)) + ".",
        "other" => other,
        "other_cut" => other[..(other.Length / 2)],
        "repeated" => string.Concat(Enumerable.Repeat("true ", Repetitions)),
        var name => throw new InvalidOperationException($"attacks.json: no gap is called '{name}'"),
    });

    private static string Sentences(MetaQuestion question, Func<string, string> make) => string.Join(' ', question.Proxies.Select(proxy => make(proxy.Statement)));

    private static string Half(string statement) => string.Join(' ', statement.Split(' ') is var words ? words[..((words.Length + 1) / 2)] : []);

    // What a keyword reader looks for, or else the words of the statement.
    private static IEnumerable<string> Keywords(ProxyQuestion proxy) => proxy.Evidence is [{ } first, ..]
        ? first.AllOf.Select(text => EvidencePhrase.Parse(text).Wording)
        : proxy.Statement.TrimEnd('.').Split(' ').Where(word => word.Length > 3 || char.IsDigit(word[0]));

    private static Attack[] Load()
    {
        using var stream = typeof(Attack).Assembly.GetManifestResourceStream("ProxyReward.Evaluation.Attacks.attacks.json")!;
        return JsonSerializer.Deserialize<Attack[]>(stream, Json.Line)!;
    }

    [GeneratedRegex(@"\{\{(?<name>[a-z_]+)\}\}")]
    private static partial Regex Gap();
}

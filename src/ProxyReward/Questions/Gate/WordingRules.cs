using System.Text.RegularExpressions;
using ProxyReward.Questions.Likeness;

namespace ProxyReward.Questions.Gate;

/// <summary>
/// What the wording of one statement gives away: its form, how many things it says, whether it ages, whether it betrays its answer.
/// </summary>
internal static partial class WordingRules
{
    private const int FewestWords = 3;
    private const int LongestLetters = 1000;

    public static IEnumerable<GateFinding> Check(MetaQuestion question, ProxyQuestion proxy, GateOptions options)
    {
        var statement = proxy.Statement.Trim();
        var words = Words.Of(statement);
        if (Form(statement, words.Count, options) is { } form)
        {
            // Nothing else is asked of it: what is far too long would be searched far too long.
            return [new GateFinding("form", GateSeverity.Reject, question.Id, proxy.Id, form)];
        }

        return new (string Rule, GateSeverity Severity, string? Reason)[]
        {
            ("form", GateSeverity.Warn, Found(Dangling(), "begins with \"{0}\" and may not stand on its own")),
            ("atomic", GateSeverity.Reject, SecondSentence().IsMatch(statement) ? "consists of two sentences; make two statements of it" : null),
            ("atomic", GateSeverity.Warn, Joint(statement) is { } joint ? $"seems to say two things, joined by \"{joint}\"" : null),
            ("time", GateSeverity.Reject, Found(Aging(), "\"{0}\" makes it true at some times only; name a date instead")),
            ("leak", GateSeverity.Reject, Found(Betrayal(), "\"{0}\" says what the answer is")),

            // Test takers know these tells, and so do readers: an absolute is mostly false, a hedge mostly true.
            ("leak", GateSeverity.Warn, proxy.Answer ? null : Found(Absolute(), "\"{0}\" hints that it is false")),
            ("leak", GateSeverity.Warn, proxy.Answer ? Found(Hedge(), "\"{0}\" hints that it is true") : null),
            ("from_question", GateSeverity.Reject, GivenAway(question, proxy, words)),
        }.Where(check => check.Reason is not null)
            .Select(check => new GateFinding(check.Rule, check.Severity, question.Id, proxy.Id, check.Reason!));

        string? Found(Regex pattern, string reason) =>
            pattern.Match(statement) is { Success: true } match ? reason.Replace("{0}", match.Value, StringComparison.Ordinal) : null;
    }

    private static string? Form(string statement, int words, GateOptions options) =>
        statement.EndsWith('?') ? "is a question; a proxy is a statement"
        : words < FewestWords ? $"has {words} words; say a whole statement"
        : statement.Length > LongestLetters ? $"has {statement.Length} letters; make it shorter"
        : words > options.MostWords ? $"has {words} words; {options.MostWords} are the most, make it shorter or two"
        : null;

    // Two finite verbs with a joint between them; a joint between nouns ("Tom and Jerry") is none.
    private static string? Joint(string statement) =>
        Clauses().Matches(statement).FirstOrDefault(match =>
            Finite().IsMatch(statement[..match.Index]) && Finite().IsMatch(statement[match.Index..])) is { } joint
            ? joint.Value.Trim(' ', ',')
            : null;

    private static string? GivenAway(MetaQuestion question, ProxyQuestion proxy, IReadOnlyList<string> words)
    {
        var known = Words.Of(question.Text).Select(Singular).ToHashSet(StringComparer.Ordinal);
        var content = words.Where(word => !Words.IsFunction(word)).Select(Singular).ToList();
        return proxy.Answer && content.Count > 0 && content.TrueForAll(known.Contains)
            ? "says nothing that the meta-question does not say"
            : null;
    }

    private static string Singular(string word) => word.Length > 3 && word.EndsWith('s') ? word[..^1] : word;

    [GeneratedRegex(@"^(it|they|he|she|this|these|those)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Dangling();

    // After a word of five letters or a number, so that abbreviations and initials are not taken for the end of a sentence.
    [GeneratedRegex(@"(\p{L}{5}|\d)[.!?][""”']?\s+\p{Lu}", RegexOptions.ExplicitCapture)]
    private static partial Regex SecondSentence();

    [GeneratedRegex(@";|,? (and|but|while|whereas|because|although|therefore)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Clauses();

    [GeneratedRegex(
        @"\b(is|are|was|were|has|had|have|can|could|will|would|did|does|do|became|began|won|made|\w{2,}ed)\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Finite();

    [GeneratedRegex(
        @"\b(currently|nowadays|presently|today|at present|as of (now|today|\d{4})|the (latest|newest|most recent)|recently"
        + @"|this (year|decade|century)|so far|to date|incumbent|upcoming|is still|are still)\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Aging();

    [GeneratedRegex(
        @"\bit is (not )?(true|false|correct|incorrect|wrong) that\b|\((true|false)\)|^(true|false):|\b(common|popular) misconception\b"
        + @"|\bcontrary to popular\b|\bincorrectly (claimed|believed)\b|\bis a myth that\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Betrayal();

    [GeneratedRegex(
        @"\b(always|never|only|solely|exclusively|entirely|impossible|nobody|no one)\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Absolute();

    [GeneratedRegex(@"\b(may|might|often|usually|generally|typically|sometimes)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Hedge();
}

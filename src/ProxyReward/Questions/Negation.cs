using System.Text.RegularExpressions;
using ProxyReward.Questions.Likeness;

namespace ProxyReward.Questions;

/// <summary>
/// Negation of plain English statements by rule. It knows statements with one auxiliary ("is", "was", "can", "has been" …) and nothing
/// that would make the scope of a "not" doubtful; everything else it leaves to a model rather than guess.
/// </summary>
public static partial class Negation
{
    private static readonly HashSet<string> Auxiliaries = ["do", "does", "did"];

    /// <summary>The statement with the opposite truth, or null where the rules do not reach.</summary>
    public static string? Of(string statement)
    {
        if (Doubtful().IsMatch(statement) || Auxiliary().Matches(statement) is not [var auxiliary])
        {
            return null;
        }

        var (before, rest) = (statement[..auxiliary.Index], statement[(auxiliary.Index + auxiliary.Length)..]);
        var verb = auxiliary.Groups["verb"].Value;
        return auxiliary.Groups["not"].Success
            ? $"{before}{verb}{rest}"
            : $"{before}{(verb.Equals("can", StringComparison.OrdinalIgnoreCase) ? $"{verb}not" : $"{verb} not")}{rest}";
    }

    /// <summary>
    /// What a statement says without its negations, roughly stemmed, and whether an odd number of them was there:
    /// two statements with the same core say the same, or the opposite.
    /// </summary>
    public static (string Core, bool Negated) CoreOf(string statement)
    {
        var negated = false;
        var core = new List<string>();
        foreach (var word in Words.Of(statement.Replace('’', '\'')))
        {
            if (word is "not" or "never" or "cannot" || word.EndsWith("n't", StringComparison.Ordinal))
            {
                negated = !negated;
            }

            var kept = word switch
            {
                "not" or "never" => "",
                "cannot" or "can't" => "can",
                "won't" => "will",
                _ when word.EndsWith("n't", StringComparison.Ordinal) => word[..^3],
                _ => word,
            };
            if (kept.Length > 0 && !Auxiliaries.Contains(kept))
            {
                core.Add(Stem().Replace(kept, ""));
            }
        }

        return (string.Join(' ', core), negated);
    }

    // "has" counts before "been" only ("has not borders" is no English), "do" only with its "not"; "must not" forbids, it does not negate.
    [GeneratedRegex(
        @"\b(?<verb>is|are|was|were|can|could|will|would|(has|have|had)(?= (not )?been\b))(?<not> not\b|n't\b|n’t\b)?(?!\w)"
        + @"|\b(?<verb>do|does|did)(?<not> not\b|n't\b|n’t\b)|\b(?<verb>can)(?<not>not)\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Auxiliary();

    // Quantifiers, clauses and joints under which "not" could be read in more than one way.
    [GeneratedRegex(
        @"\b(all|any|every|each|everyone|some|both|either|neither|nor|none|no|nobody|nothing|only|never|always|most|many|few|several|least"
        + @"|if|unless|because|although|though|while|whereas|and|but|or|who|which|that|whose|where|when|what|whatever|how|why|than|as"
        + @"|must|may|might|should)\b|[;:?]",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Doubtful();

    [GeneratedRegex("(?<=[a-z]{3})(ed|es|e|s|d)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Stem();
}

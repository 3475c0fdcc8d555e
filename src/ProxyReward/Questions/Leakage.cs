using ProxyReward.Questions.Gate;
using ProxyReward.Questions.Likeness;

namespace ProxyReward.Questions;

/// <summary>A question that another one touches from the other side of a split, though their ids differ.</summary>
/// <param name="Id">Of the later split: dev or held out.</param>
/// <param name="Other">Of the earlier split: train or dev.</param>
/// <param name="Touch">"asks the same as" or "shares a statement with".</param>
/// <param name="Likeness">Jaccard index of their content words and neighbours, 0 … 1.</param>
public sealed record Leak(string Id, string Other, string Touch, double Likeness);

/// <summary>
/// What is trained on must not be evaluated on, and ids do not tell: the same text may stand under two of them. Alike is what <c>questions
/// check</c> takes for the same, also without the words that many questions share ("Write a comprehensive article about …").
/// </summary>
public static class Leakage
{
    private const int Named = 3;

    /// <summary>Each question that one of an earlier split touches, once, in the order of the splits.</summary>
    public static IReadOnlyList<Leak> Of(QuestionSplits splits)
    {
        var limits = new GateOptions();
        List<MetaQuestion> all = [.. splits.Train, .. splits.Dev, .. splits.HeldOut];
        var proxies = Enumerable.Range(0, all.Count).SelectMany(question => all[question].Proxies.Select(proxy => (Question: question, proxy.Statement))).ToList();
        var template = Split.Template(all);
        List<Features> subjects = [.. all.Select(question => Features.Of(question.Text, template))];
        var questions = NearDuplicates.Of([.. all.Select(question => Features.Of(question.Text))], limits.QuestionLikeness).Where(IsOfOneSubject);
        var statements = NearDuplicates.Of([.. proxies.Select(proxy => Features.Of(proxy.Statement))], limits.StatementLikeness)
            .Select(pair => pair with { First = proxies[pair.First].Question, Second = proxies[pair.Second].Question });
        return
        [
            .. questions.Select(pair => (Pair: pair, Touch: "asks the same as"))
                .Concat(statements.Select(pair => (Pair: pair, Touch: "shares a statement with")))
                .Where(found => SplitOf(found.Pair.First) < SplitOf(found.Pair.Second))
                .DistinctBy(found => found.Pair.Second)
                .OrderBy(found => found.Pair.Second)
                .Select(found => new Leak(all[found.Pair.Second].Id, all[found.Pair.First].Id, found.Touch, found.Pair.Likeness)),
        ];

        bool IsOfOneSubject(LikePair pair) => subjects[pair.First].Sorted.Count + subjects[pair.Second].Sorted.Count == 0
            || subjects[pair.First].Jaccard(subjects[pair.Second]) >= limits.QuestionLikeness;

        int SplitOf(int question) => question < splits.Train.Count ? 0 : question < splits.Train.Count + splits.Dev.Count ? 1 : 2;
    }

    /// <summary>The leaks as a warning; null where there is none.</summary>
    public static string? Warning(QuestionSplits splits) => Of(splits) is { Count: > 0 } leaks
        ? FormattableString.Invariant($"{leaks.Count} of the {splits.Dev.Count + splits.HeldOut.Count} dev and held-out questions are touched from another split: ")
            + string.Join(", ", leaks.Take(Named).Select(leak => FormattableString.Invariant($"'{leak.Id}' {leak.Touch} '{leak.Other}' (likeness {leak.Likeness:0.00})")))
            + (leaks.Count > Named ? ", …" : "")
            + ". What is trained on must not be evaluated on: remove them, or cut the whole set anew with `questions split`."
        : null;
}

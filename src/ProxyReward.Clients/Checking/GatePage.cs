using System.Net;
using System.Text;
using ProxyReward.Questions;
using ProxyReward.Questions.Gate;

namespace ProxyReward.Clients.Checking;

/// <summary>The gate's report as one HTML page that needs nothing else. Every text of the set and of a model is escaped.</summary>
public static class GatePage
{
    private const string Style =
        """
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; }
        th, td { text-align: left; padding: .25rem 1rem .25rem 0; vertical-align: top; border-bottom: 1px solid #8884; }
        td.n { text-align: right; font-variant-numeric: tabular-nums; }
        .reject { border-left: .3rem solid #c33; padding-left: .6rem; } .warn { border-left: .3rem dotted #a80; padding-left: .6rem; }
        ul { list-style: none; padding: 0; } li { margin: .4rem 0; }
        """;

    /// <summary>The page.</summary>
    /// <param name="report">What the gate found.</param>
    /// <param name="title">Usually the set's file name.</param>
    public static string Html(GateReport report, string title)
    {
        var proxies = report.Questions.Sum(question => question.Proxies.Count);
        var (accepted, rejectedProxies) = (report.Accepted, report.RejectedProxies.Count);
        var outcome = report.Passed
            ? "Nothing was rejected."
            : $"Rejected: {report.RejectedQuestions.Count} questions and {rejectedProxies} proxies; "
                + $"{accepted.Count} questions with {accepted.Sum(question => question.Proxies.Count)} proxies are left.";
        var page = new StringBuilder($"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{Text(title)}: gate</title>
            <style>{Style}</style></head><body>
            <h1>{Text(title)}</h1>
            <p>{report.Questions.Count} meta-questions, {proxies} proxy questions, {report.ShareTrue:P0} of the answers are True.
            {outcome}</p>
            <table><tr><th>Rule</th><th>Rejected</th><th>Warnings</th></tr>

            """);
        foreach (var row in report.Table)
        {
            page.Append($"<tr><td>{Text(row.Rule)}</td><td class=\"n\">{row.Rejected}</td><td class=\"n\">{row.Warned}</td></tr>\n");
        }

        page.Append("</table>\n");
        Section(page, "The set", [.. report.Findings.Where(finding => finding.QuestionId is null)], null);
        var byQuestion = report.Findings.ToLookup(finding => finding.QuestionId, StringComparer.Ordinal);
        foreach (var question in report.Questions.Where(question => byQuestion.Contains(question.Id)))
        {
            Section(page, question.Id, [.. byQuestion[question.Id]], question);
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static void Section(StringBuilder page, string title, IReadOnlyList<GateFinding> findings, MetaQuestion? question)
    {
        if (findings.Count == 0)
        {
            return;
        }

        page.Append($"<h2>{Text(title)}</h2>\n<p>{Text(question?.Text ?? "")}</p>\n<ul>\n");
        foreach (var finding in findings.OrderByDescending(finding => finding.Severity))
        {
            var proxy = question?.Proxies.FirstOrDefault(proxy => proxy.Id == finding.ProxyId);
            var (css, word) = finding.Severity == GateSeverity.Reject ? ("reject", "rejected") : ("warn", "warning");
            page.Append($"<li class=\"{css}\"><strong>{word}, {Text(finding.Rule)}:</strong> {Text(finding.Reason)}")
                .Append(proxy is null ? "" : $"<br><q>{Text(proxy.Statement)}</q> ({proxy.Answer}, {Text(proxy.Id)})").Append("</li>\n");
        }

        page.Append("</ul>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}

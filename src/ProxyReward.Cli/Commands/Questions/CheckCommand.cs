using System.CommandLine;
using System.Text.Json;
using ProxyReward.Clients.Checking;
using ProxyReward.Models.Checkpoints.Hub;
using ProxyReward.Questions;
using ProxyReward.Questions.Gate;

namespace ProxyReward.Cli.Commands.Questions;

/// <summary><c>questions check SET</c>: the quality gate; offline without a model.</summary>
internal static class CheckCommand
{
    private const string Judge = "judge";
    private const string ClosedBook = "closed_book";
    private const string Agreement = "agreement";

    public static Command Create(Terminal terminal, Func<HubOptions> hub)
    {
        var set = QuestionsCommand.Set();
        var rules = new Option<string[]>("--rules")
        {
            Description = "With --model: judge, what it thinks of each statement; closed_book, what it answers without a text; agreement, whether it gives the same answers (name another model than the one that wrote the set)",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [Judge, ClosedBook],
        };
        rules.AcceptOnlyFromAmong(Judge, ClosedBook, Agreement);
        var fix = new Option<string?>("--fix") { Description = "With --model: has it replace what is rejected, and writes the mended set to this file" };
        var model = new ModelOptions(hub, required: false, estimates: true, rules, fix);
        var html = new Option<string?>("--html") { Description = "Writes the findings to this file as well, as a page for the browser" };
        var json = new Option<bool>("--json") { Description = "Prints the findings as JSON instead of text" };
        var command = model.AddTo(new Command("check", "Checks a question set by rules, offline; with --model a model is asked as well") { set, html, json });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(set);
            var questions = QuestionSet.Load(path);
            var (mended, asked) = (parsed.GetValue(fix), parsed.GetRequiredValue(rules));
            foreach (var file in (ReadOnlySpan<Option<string?>>)[fix, html])
            {
                if (parsed.GetValue(file) is { } named)
                {
                    OutPath.PrepareFile(file.Name, named);
                }
            }

            using var session = model.Open(parsed, terminal);

            var gate = new QuestionGate(new GateOptions(), session is null ? null : new GateModels(
                asked.Contains(Judge) ? session.Asker : null,
                asked.Contains(ClosedBook) ? session.Asker : null,
                asked.Contains(Agreement) ? session.Asker : null));
            if (session is { DryRun: true })
            {
                if (new Option[] { fix, html, json }.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } idle)
                {
                    throw new RequestException($"{idle.Name}: --dry-run checks nothing and prints the estimate alone. Leave one of the two out.");
                }

                return session.Print(gate.Estimate(questions, session.Prices));
            }

            GateReport report;
            if (mended is null)
            {
                report = await gate.CheckAsync(questions, null, cancellationToken);
            }
            else
            {
                report = await FixAsync(gate, questions, session!, mended, terminal, cancellationToken);
            }

            if (parsed.GetValue(html) is { } page)
            {
                await File.WriteAllTextAsync(page, GatePage.Html(report, Path.GetFileName(path)), cancellationToken);
            }

            await terminal.Output.WriteLineAsync(parsed.GetValue(json) ? InJson(report) : Table(report, path));
            return report.Passed ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<GateReport> FixAsync(
        QuestionGate gate, IReadOnlyList<MetaQuestion> questions, ModelSession session, string path, Terminal terminal, CancellationToken cancellationToken)
    {
        var result = await gate.FixAsync(questions, session.Asker, cancellationToken);
        foreach (var line in result.Replaced.Select(finding => $"replaced: {Line(finding)}").Concat(result.Problems))
        {
            await terminal.Error.WriteLineAsync(line);
        }

        var accepted = result.Report.Accepted;
        if (accepted.Count > 0)
        {
            QuestionSet.Save(path, accepted);
        }

        await terminal.Error.WriteLineAsync(accepted.Count > 0
            ? $"{path}: {accepted.Count} questions, {accepted.Sum(question => question.Proxies.Count)} proxies"
            : $"{path}: not written, for nothing passed.");
        return result.Report;
    }

    private static string Table(GateReport report, string path) => string.Join('\n',
    [
        "| rule | rejected | warnings |",
        "|---|---|---|",
        .. report.Table.Select(row => $"| {row.Rule} | {row.Rejected} | {row.Warned} |"),
        "",
        .. report.Findings.Select(Line),
        FormattableString.Invariant(
            $"{path}: {report.Questions.Count} questions, {report.Questions.Sum(question => question.Proxies.Count)} proxies, {report.ShareTrue:P0} true: {(report.Passed ? "passed" : "did not pass")}"),
    ]);

    private static string Line(GateFinding finding) =>
        $"{finding.ProxyId ?? finding.QuestionId ?? "the set"}: {(finding.Severity == GateSeverity.Reject ? "rejected" : "warning")}, {finding.Rule}: {finding.Reason}";

    private static string InJson(GateReport report) =>
        JsonSerializer.Serialize(new { report.Passed, Questions = report.Questions.Count, report.ShareTrue, report.Table, report.Findings }, Json.Indented);
}

using ProxyReward.Questions;
using ProxyReward.Questions.Gate;

namespace ProxyReward.Tests.Questions.Gate;

public sealed class OfflineGateTests
{
    private const string Meta = "Write a comprehensive article about the Python programming language and its origin.";

    [Theory]
    [InlineData("Was Python released in 1991?", true, "form", GateSeverity.Reject)]
    [InlineData("Python rules.", true, "form", GateSeverity.Reject)]
    [InlineData("It was released in 1991.", true, "form", GateSeverity.Warn)]
    [InlineData("Python was released in February. Guido van Rossum wrote it.", true, "atomic", GateSeverity.Reject)]
    [InlineData("Guido created Python, and the foundation was founded in 2001.", true, "atomic", GateSeverity.Warn)]
    [InlineData("Version 3 is currently the main version of Python.", true, "time", GateSeverity.Reject)]
    [InlineData("Guido van Rossum created Python (true).", true, "leak", GateSeverity.Reject)]
    [InlineData("Python code is always compiled to machine code.", false, "leak", GateSeverity.Warn)]
    [InlineData("Python code is usually compiled to bytecode.", true, "leak", GateSeverity.Warn)]
    [InlineData("Python is a programming language.", true, "from_question", GateSeverity.Reject)]
    public void Wording_that_does_not_do_is_found(string statement, bool answer, string rule, GateSeverity severity)
    {
        var finding = Assert.Single(Check((statement, answer)));
        Assert.Equal((rule, severity, "q", "q-1"), (finding.Rule, finding.Severity, finding.QuestionId, finding.ProxyId));
        Assert.NotEmpty(finding.Reason);
    }

    [Theory]
    [InlineData("Guido van Rossum created Python in the Netherlands.", true)]
    [InlineData("J. K. Rowling and Dr. Smith wrote about Python 3.11 in the U.S. Army.", true)]
    [InlineData("Tom and Jerry was first shown in 1940.", true)]
    [InlineData("The name comes from a snake native to Africa and Asia.", false)]
    [InlineData("The false positives of a test are its wrong alarms.", true)]
    [InlineData("Python has a language for programming.", false)]
    public void Wording_that_does_is_left_alone(string statement, bool answer) => Assert.Empty(Check((statement, answer)));

    [Fact]
    public void A_statement_that_is_there_twice_goes_once_and_across_questions_it_is_reported()
    {
        var one = Question("a", "Write about Rome.", ("Romulus founded the city of Rome.", true), ("Romulus founded the city of Rome!", true), ("Nero burned.. much later.", true));
        var two = Question("b", "Write about Athens.", ("Romulus founded the city of Rome", true));
        var three = Question("c", "Write about: rome!", ("Another matter is told here.", true));
        var findings = OfflineGate.Check([one, two, three], new GateOptions()).Findings.Where(finding => finding.Rule == "duplicate").ToList();
        Assert.Equal(
            [("c", null, GateSeverity.Reject), ("a", "a-2", GateSeverity.Reject), ("b", "b-1", GateSeverity.Warn), ("b", "b-1", GateSeverity.Warn)],
            findings.Select(finding => (finding.QuestionId!, finding.ProxyId, finding.Severity)));
    }

    [Theory]
    [InlineData("Rome was founded by Romulus.", true, "Rome was not founded by Romulus.", true)]
    [InlineData("Rome was founded by Romulus.", true, "Rome was founded by Romulus!", false)]
    [InlineData("Guido created Python.", false, "Guido didn't create Python.", false)]
    [InlineData("Snakes cannot fly.", true, "Snakes can fly.", true)]
    public void What_cannot_both_be_right_is_rejected_on_both_sides(string one, bool first, string two, bool second)
    {
        var findings = Check((one, first), (two, second)).Where(finding => finding.Rule == "contradiction");
        Assert.Equal(["q-1", "q-2"], findings.Select(finding => finding.ProxyId));
    }

    [Fact]
    public void Twins_do_not_contradict_and_a_number_alone_is_worth_a_look()
    {
        Assert.Empty(Check(("Rome was founded by Romulus.", true), ("Rome was not founded by Romulus.", false)));
        var finding = Assert.Single(Check(("The first edition appeared in 1990.", true), ("The first edition appeared in 1991.", true)));
        Assert.Equal(("contradiction", GateSeverity.Warn, "q-2"), (finding.Rule, finding.Severity, finding.ProxyId));
    }

    [Fact]
    public void Balance_is_measured_over_the_set_and_length_that_betrays_is_reported()
    {
        // 20 true ones of 7 words, 20 false ones of 6 words, one false one of 7: a true one is longer in (20·20 + 0.5·20)/(20·21) of the pairs.
        var set = Enumerable.Range(0, 20).Select(i => Question(
            $"q{i}", $"Write about matter{i}.", ($"Fact{i} holds{i} for that{i} very{i} thing{i} indeed{i}.", true), ($"Error{i} is{i} about{i} those{i} others{i}.", false)));
        var even = Question("even", "Write more.", ("Lie lay laid low long ago there.", false));
        var report = OfflineGate.Check([.. set, even], new GateOptions { LeastProxies = 2, LeastTrue = 0.6 });
        Assert.Equal(20.0 / 41, report.ShareTrue, 12);
        Assert.Equal(
            [
                ("even", "has 1 proxies; fewer than 2 make a coarse reward"),
                (null, "49 % of the answers are True; 60 % to 90 % are wanted"),
                (null, "the true statements are longer (98 % of pairs of a true and a false one): length betrays the answer"),
            ],
            report.Findings.Select(finding => (finding.QuestionId, finding.Reason)));
        Assert.True(report.Passed);
    }

    [Fact]
    public void Nothing_goes_without_a_reason_and_the_rest_stays()
    {
        var report = OfflineGate.Check(
        [
            Question("a", "Write about Rome.", ("Was it?", true), ("Romulus founded the city.", true)),
            Question("b", "Write about Rome!", ("Remus was his brother.", true)),
            Question("c", "Write about Athens.", ("Is it so?", true)),
        ], new GateOptions { LeastProxies = 1 });
        Assert.False(report.Passed);
        Assert.Equal([("a", "a-2")], report.Accepted.SelectMany(q => q.Proxies.Select(proxy => (q.Id, proxy.Id))));
        Assert.Equal(["a-1", "c-1"], report.RejectedProxies.Select(proxy => proxy.Key));
        Assert.Equal("b", Assert.Single(report.RejectedQuestions).Key);
        Assert.Equal([new GateRow("form", 2, 0), new GateRow("duplicate", 1, 0)], report.Table.Where(row => row.Rejected > 0));
    }

    private static IReadOnlyList<GateFinding> Check(params (string Statement, bool Answer)[] statements) =>
        [.. OfflineGate.Check([Question("q", Meta, statements)], new GateOptions { LeastProxies = 1, LeastTrue = 0, MostTrue = 1 }).Findings.Where(f => f.Rule != "balance")];

    private static MetaQuestion Question(string id, string text, params (string Statement, bool Answer)[] statements) =>
        new(id, "d", text, [.. statements.Select((statement, i) => new ProxyQuestion($"{id}-{i + 1}", statement.Statement, statement.Answer))]);
}

using ProxyReward.Questions;
using ProxyReward.Questions.Gate;
using ProxyReward.Testing;

namespace ProxyReward.Tests.Questions.Gate;

public sealed class ShippedSetsTests
{
    public static TheoryData<string> Sets =>
        [.. Directory.GetFiles(Path.Combine(FixtureRoot.Repository, "data"), "*questions.jsonl", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(FixtureRoot.Repository, path)).Order()];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Every_question_set_that_is_shipped_passes_the_offline_gate(string set)
    {
        var report = OfflineGate.Check(QuestionSet.Load(Path.Combine(FixtureRoot.Repository, set)), new GateOptions());
        Assert.True(report.Passed, string.Join('\n', report.Findings.Where(finding => finding.Severity == GateSeverity.Reject)));
    }
}

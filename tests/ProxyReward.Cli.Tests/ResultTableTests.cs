using ProxyReward.Cli.Results;
using ProxyReward.Evaluation;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Tests;

public sealed class ResultTableTests
{
    [Fact]
    public void A_mend_is_said_once_after_the_warnings_of_its_kind()
    {
        var half = new Estimate(.5, .4, .6, 3);
        var table = new MeasureTable
        {
            Accuracy = half,
            AccuracyAt120 = half,
            Precision = null,
            Contradicted = null,
            Duplicates = null,
            Repetition = half,
            Truncated = half,
            LengthTokens = half,
        };
        var summary = new RunSummary(1, "r", 0, new(1, 0, 1), table, [], new Dictionary<string, ArmSummary>(StringComparer.Ordinal),
            [new("length_growth", "iteration 1: long", "Mend it."), new("below_base", "lower"), new("length_growth", "iteration 2: longer", "Mend it.")]);
        Assert.EndsWith(
            "\nwarning  length_growth: iteration 1: long\nwarning  length_growth: iteration 2: longer\nmend     Mend it.\nwarning  below_base: lower\n",
            ResultTable.Of(summary), StringComparison.Ordinal);
    }
}

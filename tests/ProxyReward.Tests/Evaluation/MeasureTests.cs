using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Evaluation;

public sealed class MeasureTests
{
    [Fact]
    public void The_measures_of_a_response_equal_sums_by_hand()
    {
        var question = new MetaQuestion("q", "d", "?", [new("p0", "s", true), new("p1", "s", false), new("p2", "s", true), new("p3", "s", true)]);
        var response = new Response("q", 1, "a b c d a b c d", [1, 2, 3], 3, Truncated: true, "a b");
        var measures = ResponseMeasures.Of(
            question, response,
            [new("p0", Verdict.True), new("p1", Verdict.True), new("p2", Verdict.NotStated), new("p3", Verdict.True)],
            [new("p0", Verdict.True), new("p1", Verdict.NotStated), new("p2", Verdict.NotStated), new("p3", Verdict.NotStated)],
            new FactCheck(8, 2, 1), hasPrecision: true);
        Assert.Equal(
            new ResponseMeasures
            {
                QuestionId = "q",
                Index = 1,
                Accuracy = 2 / 4.0,
                AccuracyAt120 = 1 / 4.0,
                Precision = 2 / 3.0,
                Contradicted = 2 / 8.0,
                Duplicates = 1 / 8.0,
                Repetition = 1 / 5.0,
                Truncated = 1,
                LengthTokens = 3,
            },
            measures);
    }

    [Fact]
    public void An_empty_denominator_is_0_and_an_unknown_truth_is_null()
    {
        var question = new MetaQuestion("q", "d", "?", [new("p0", "s", true)]);
        var response = new Response("q", 0, "", [], 0, false, "");
        ProxyVerdict[] silent = [new("p0", Verdict.NotStated)];
        var known = ResponseMeasures.Of(question, response, silent, silent, new(0, 0, 0), hasPrecision: true);
        Assert.Equal((0, 0, 0), (known.Precision, known.Contradicted, known.Duplicates));
        var unknown = ResponseMeasures.Of(question, response, silent, silent, null, hasPrecision: false);
        Assert.Equal((null, null, null), (unknown.Precision, unknown.Contradicted, unknown.Duplicates));
    }

    [Fact]
    public void Means_are_taken_over_responses_first_and_then_over_questions()
    {
        // Question a: (0 + 1) / 2 = .5; question b: 1. The mean over questions is .75, that over responses would be .667.
        var table = MeasureTable.Of([M("a", 0, 0), M("a", 1, 1), M("b", 0, 1)], new Bootstrap(0));
        Assert.Equal((.75, 2), (table.Accuracy!.Mean, table.Accuracy.N));
        Assert.Null(table.Contradicted);
    }

    [Fact]
    public void A_paired_difference_is_that_of_the_same_questions()
    {
        // a: 1 − 0, b: 1 − .5; the order of the questions differs on the two sides.
        var difference = MeasureDifference.Of([M("b", 0, 1), M("a", 0, 1)], [M("a", 0, 0), M("b", 0, .5)], new Bootstrap(0));
        Assert.Equal(.75, difference.Accuracy.Mean, 12);
        Assert.Equal((.5, 1.0), (difference.Accuracy.Low, difference.Accuracy.High));
    }

    private static ResponseMeasures M(string question, int index, double accuracy) => new()
    {
        QuestionId = question,
        Index = index,
        Accuracy = accuracy,
        AccuracyAt120 = accuracy,
        Precision = accuracy,
        Contradicted = null,
        Duplicates = null,
        Repetition = 0,
        Truncated = 0,
        LengthTokens = 10,
    };
}

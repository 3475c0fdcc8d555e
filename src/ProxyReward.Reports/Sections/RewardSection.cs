using ProxyReward.Evaluation;
using ProxyReward.Recipes;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Reports.Plots;
using ProxyReward.Rewards;

namespace ProxyReward.Reports.Sections;

/// <summary>How rewards and held-out accuracies are spread, before and after training.</summary>
internal static class RewardSection
{
    public static Section Of(RunContents run)
    {
        var plots = Rewards(run).Concat(HeldOut(run)).ToList();
        return new(
            "Rewards before and after",
            Html.Of($"""
                One answer of a question is better than another: that spread is what the pairs are made of. After training the whole
                distribution should have moved to the right, not only its best part.
                """),
            plots.Count == 0 ? Html.Of($"<p>No answer has a reward yet.</p>") : Html.Of($"""<div class="plots">{plots}</div>{PartTable.Of(run)}"""));
    }

    // The rewards of iteration i are those of the answers that the model before it wrote.
    private static IEnumerable<Html> Rewards(RunContents run)
    {
        var written = run.Iterations.Where(arm => arm.Rewards.Count > 0).ToList();
        if (written.Count > 0)
        {
            var (first, last) = (written[0], written[^1]);
            var isShare = run.Recipe.Reward is RewardKind.Accuracy or RewardKind.Precision or RewardKind.Mix;
            yield return Plot(
                run, "Rewards of the answers to the training questions", $"reward: {RecipeFile.Spell(run.Recipe.Reward)}{(isShare ? " in percent" : "")}",
                (Writer(run, first), Rewards(first, isShare)), first == last ? null : (Again(Writer(run, last), Writer(run, first)), Rewards(last, isShare)));
        }
    }

    private static IEnumerable<Html> HeldOut(RunContents run)
    {
        if (run.Base.HeldOut.Count > 0)
        {
            yield return Plot(
                run, "Accuracy of the answers to the held-out questions", "accuracy in percent",
                ("base", Accuracies(run.Base)), run.Last is { HeldOut.Count: > 0 } last ? (last.Arm.Name, Accuracies(last)) : null);
        }
    }

    private static Html Plot(RunContents run, string title, string quantity, (string Writer, List<Valued> Values) before, (string Writer, List<Valued> Values)? after)
    {
        var first = $"{before.Writer}: {Summary(run, before.Values)}";
        var second = after is null ? null : $"{after.Value.Writer}: {Summary(run, after.Value.Values)}";
        var drawing = Histogram.Draw(
            title, second is null ? first : $"{first}; {second}", quantity,
            [.. before.Values.Select(v => v.Value)], [.. after?.Values.Select(v => v.Value) ?? []]);
        return Page.Figure(title, Html.Of($"{Legend.BeforeAfter(first, second)}{drawing}"));
    }

    private static string Summary(RunContents run, List<Valued> values)
    {
        var perQuestion = values.GroupBy(v => v.QuestionId, v => v.Value, StringComparer.Ordinal).Select(g => g.Average()).ToList();
        var mean = new Bootstrap(run.Recipe.Seed, run.Recipe.Evaluation.BootstrapDraws).Of(perQuestion);
        return $"mean {Figures.Number(mean.Mean)} (95 % interval {Figures.Number(mean.Low)} to {Figures.Number(mean.High)}), n = {values.Count} answers to {mean.N} questions";
    }

    // The model that an iteration started from: the one before it, unless the dev questions went back to an earlier one.
    private static string Writer(RunContents run, ArmContents arm)
    {
        var before = run.Arms[arm.Arm.Iteration - 1];
        return before.Choice?.Kept ?? before.Arm.Name;
    }

    private static string Again(string writer, string first) => writer == first ? $"{writer}, other answers" : writer;

    private static List<Valued> Rewards(ArmContents arm, bool isShare) => [.. arm.Rewards.Select(r => new Valued(r.QuestionId, isShare ? 100 * r.Reward : r.Reward))];

    private static List<Valued> Accuracies(ArmContents arm) => [.. arm.HeldOut.Select(m => new Valued(m.QuestionId, 100 * m.Accuracy))];

    private sealed record Valued(string QuestionId, double Value);
}

using ProxyReward.Evaluation;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Reports.Plots;

namespace ProxyReward.Reports.Sections;

/// <summary>Held-out accuracy by iteration, with the controls beside it.</summary>
internal static class AccuracySection
{
    public static Section Of(RunContents run)
    {
        var plots = new[]
        {
            Plot("Accuracy of whole answers", run, m => m.Accuracy),
            Plot("Accuracy of the first 120 tokens", run, m => m.AccuracyAt120),
        };
        return new(
            "Held-out accuracy by iteration",
            Html.Of($"""
                Circles are the loop from the base (hollow) through the iterations, squares the controls; bars are 95 % intervals over the questions.
                A reward that teaches content, and not only length, lifts both plots.
                """),
            run.Base.Measures is null ? Html.Of($"<p>The base has not been evaluated yet.</p>") : Html.Of($"""<div class="plots">{plots}</div>"""));
    }

    private static Html Plot(string title, RunContents run, Func<MeasureTable, Estimate?> of)
    {
        var points =
            from arm in run.Arms
            let value = arm.Measures is null ? null : of(arm.Measures)
            where value is not null
            select new IntervalPoint(arm.Arm.Name, value, KindOf(run, arm));
        return points.ToList() is { Count: > 0 } any ? Page.Figure(title, IntervalPlot.Draw(title, any)) : Html.None;
    }

    private static PointKind KindOf(RunContents run, ArmContents arm) =>
        arm == run.Base ? PointKind.Base : run.Iterations.Contains(arm) ? PointKind.Iteration : PointKind.Control;
}

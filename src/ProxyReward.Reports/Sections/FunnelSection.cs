using ProxyReward.Pairs;
using ProxyReward.Recipes;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Training;

namespace ProxyReward.Reports.Sections;

/// <summary>How answers became the pairs that were trained on, and what each rule took away.</summary>
internal static class FunnelSection
{
    private const double BarWidth = 100;

    public static Section Of(RunContents run)
    {
        var funnels = run.Arms.Where(arm => arm.Funnel.Count > 0).Select(arm => new Funnel(arm, [.. Steps(arm)])).ToList();
        return new(
            "From answers to pairs",
            Html.Of($"""
                Questions whose answers differ most in reward are kept <span class="tag">paper</span>, and of each the highest answer is paired with the
                lowest <span class="tag">paper</span>, unless the settings below name another strategy. Each rule says what came in and what was left; filters that the paper leaves open are ours.
                """),
            funnels.Count == 0 ? Html.Of($"<p>No pairs have been made yet.</p>") : Html.Of($"""
                <div class="scroll"><table class="text">
                <thead><tr><th scope="col">Rule</th>{funnels.Select(f => Html.Of($"""<th scope="col">{f.Arm.Arm.Name}</th>"""))}<th scope="col">What it removes</th></tr></thead>
                <tbody>
                <tr><td>answers with a reward</td>{funnels.Select(f => Html.Of($"<td>{f.Arm.Rewards.Count}</td>"))}<td></td></tr>
                {funnels.SelectMany(f => f.Steps).DistinctBy(s => s.Rule).Select(rule => Row(rule, funnels))}</tbody>
                </table></div>
                {StatisticTable.Of(run)}
                """));
    }

    private static IEnumerable<FunnelStep> Steps(ArmContents arm) => arm.Training is { } training ? arm.Funnel.Concat(Drops(training)) : arm.Funnel;

    // What the trainer could not take, reason by reason; a file without reasons (or with too few) has a step without one.
    private static IEnumerable<FunnelStep> Drops(TrainingResult training)
    {
        var left = training.PairsTrained + training.PairsDropped;
        foreach (var drop in training.Drops)
        {
            yield return new($"training: {drop.Reason}", "pairs", left, drop.Pairs, drop.Detail);
            left -= drop.Pairs;
        }

        if (left != training.PairsTrained)
        {
            yield return new("training", "pairs", left, left - training.PairsTrained, "what could not be trained on; training.json gives no reason");
        }
    }

    private static Html Row(FunnelStep rule, IEnumerable<Funnel> funnels) => Html.Of($"""
        <tr><td><code>{rule.Rule}</code></td>{funnels.Select(f => Cell(f.Steps.FirstOrDefault(s => s.Rule == rule.Rule)))}<td>{rule.Why}</td></tr>

        """);

    private static Html Cell(FunnelStep? step)
    {
        if (step is null)
        {
            return Html.Of($"<td>–</td>");
        }

        var left = step.Before - step.Removed;
        var width = step.Before == 0 ? 0 : BarWidth * left / step.Before;
        return Html.Of($"""
            <td>{step.Before} → {left} {step.Unit}<br/>
            <svg width="{BarWidth}" height="8" aria-hidden="true">
            <rect class="bar whole" width="{BarWidth}" height="8"/><rect class="bar left" width="{width}" height="8"/></svg>{Objections(step)}</td>
            """);
    }

    private static Html Objections(FunnelStep step) => step.Objections is null ? Html.None : Html.Of($"""
        <small>objections: {string.Join(", ", step.Objections.Select(o => $"{RecipeFile.Spell(o.Key)} {o.Value}"))}</small>
        """);

    private sealed record Funnel(ArmContents Arm, IReadOnlyList<FunnelStep> Steps);
}

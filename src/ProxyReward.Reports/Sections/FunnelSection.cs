using ProxyReward.Pairs;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Sections;

/// <summary>How answers became the pairs that were trained on, and what each rule took away.</summary>
internal static class FunnelSection
{
    private const double BarWidth = 120;

    public static Html Of(RunContents run)
    {
        var arms = run.Arms.Where(arm => arm.Funnel.Count > 0).ToList();
        return Page.Section(
            "From answers to pairs",
            Html.Of($"""
                Questions whose answers differ most in reward are kept <span class="tag">paper</span>, and of each the highest answer is paired with the
                lowest <span class="tag">paper</span>. Each rule says what it removed; filters that the paper leaves open are ours.
                """),
            arms.Count == 0 ? Html.Of($"<p>No pairs have been made yet.</p>") : Html.Join(arms.Select(Funnel)));
    }

    private static Html Funnel(ArmContents arm) => Html.Of($"""
        <h3>{arm.Arm.Name}</h3>
        <div class="scroll"><table class="text">
        <thead><tr><th>Rule</th><th>Came in</th><th>Removed</th><th>Left</th><th>Why they were removed</th></tr></thead>
        <tbody>
        {Steps(arm).Select(Row)}</tbody>
        </table></div>

        """);

    private static IEnumerable<FunnelStep> Steps(ArmContents arm) => arm.Training is not { } training
        ? arm.Funnel
        : arm.Funnel.Append(new("max_length", "pairs", training.PairsTrained + training.PairsDropped, training.PairsDropped, "the prompt and an answer are longer than max_length"));

    private static Html Row(FunnelStep step)
    {
        var left = step.Before - step.Removed;
        var share = step.Before == 0 ? 0 : (double)left / step.Before;
        return Html.Of($"""
            <tr><td><code>{step.Rule}</code></td><td>{step.Before} {step.Unit}</td><td>{step.Removed}</td><td>{left} {step.Unit} ({Figures.Percent(share)} %)<br/>
            <svg width="{BarWidth}" height="8" aria-hidden="true"><rect class="bar whole" width="{BarWidth}" height="8"/><rect class="bar left" width="{share * BarWidth}" height="8"/></svg></td><td>{step.Why}</td></tr>

            """);
    }
}

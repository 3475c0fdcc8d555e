using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Reports.Plots;
using ProxyReward.Training;

namespace ProxyReward.Reports.Sections;

/// <summary>The training curves of each model.</summary>
internal static class TrainingSection
{
    public static Section Of(RunContents run)
    {
        var arms = run.Arms.Where(arm => arm.Steps.Count > 0).ToList();
        return new(
            "Training",
            Html.Of($"""
                Direct preference optimisation: the model is moved towards the chosen answer of each pair and away from the rejected one, measured
                against the model it started from. The loss starts at ln 2 = 0.693; a healthy margin grows while the chosen reward does not sink.
                """),
            arms.Count == 0 ? Html.Of($"<p>No training has begun yet.</p>") : Html.Join(arms.Select((arm, i) => Curves(arm, open: i == 0))));
    }

    private static Html Curves(ArmContents arm, bool open)
    {
        var steps = arm.Steps;
        return Html.Of($"""
            <details{(open ? Html.Of($" open=\"open\"") : Html.None)}><summary>{arm.Arm.Name}: n = {steps.Count} steps, {arm.Pairs.Count} pairs, loss {Figures.Number(steps[0].Loss)} to {Figures.Number(steps[^1].Loss)}</summary>
            {Distance(arm)}<div class="plots">
            {Plot("Loss", "", ("loss", s => s.Loss))}{Plot("Rewards: β × how much likelier than at the start", "nats × β", ("chosen", s => s.RewardsChosen), ("rejected", s => s.RewardsRejected))}{Plot("Margin: chosen minus rejected reward", "nats × β", ("margin", s => s.RewardsMargins))}{Plot("Log-probability of whole answers (lower for longer ones)", "nats", ("chosen", s => s.LogpsChosen), ("rejected", s => s.LogpsRejected))}</div></details>

            """);

        Html Plot(string title, string unit, params (string Name, Func<TrainingStep, double> Of)[] courses) =>
            Page.Figure(title, LinePlot.Draw($"{title}, {arm.Arm.Name}", unit, [.. courses.Select(c => new Course(c.Name, [.. steps.Select(c.Of)]))]));
    }

    private static Html Distance(ArmContents arm) => arm.Divergence is not { Kl: var kl } divergence ? Html.None : Html.Of($"""
        <p>Divergence from the base, on {divergence.Responses} of its own held-out answers: {Figures.Number(kl.Mean)} nats an answer
        (95 % interval {Figures.Number(kl.Low)} to {Figures.Number(kl.High)}, n = {kl.N}), {Figures.Number(divergence.KlPerToken)} a token <span class="tag">ours</span>.</p>

        """);
}

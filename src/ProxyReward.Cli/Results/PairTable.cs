using System.Globalization;
using ProxyReward.Pairs;
using ProxyReward.Recipes;
using ProxyReward.Rewards;
using ProxyReward.Runs;

namespace ProxyReward.Cli.Results;

/// <summary>How rewards became the pairs of a model: what each rule removed, and what each strategy would have paired.</summary>
internal static class PairTable
{
    /// <summary>The tables of an arm whose pairs are made.</summary>
    public static string Of(IRunStore run, Arm arm)
    {
        var funnel = Jsonl.Read<FunnelStep>(run, arm.File("funnel.jsonl"));
        var statistics = Jsonl.Read<PairStatistics>(run, arm.File("pair-statistics.jsonl"));
        return $"""
            {arm.Name}: reward {RecipeFile.Spell(arm.Reward!.Value)}{Noise(run, arm)}

            {Funnel(funnel)}
            Mean and variance of rewards over the responses of a question, then over questions; gap and tokens: chosen minus rejected, over pairs.
            {TextTable.Of([["reward", "strategy", "questions", "pairs", "mean", "variance", "gap", "tokens"], .. statistics.Select(Row)])}
            """;
    }

    private static string Noise(IRunStore run, Arm arm)
    {
        var variances = Jsonl.Read<ResponseReward>(run, arm.File("rewards.jsonl")).Select(r => r.ReadingVariance).OfType<double>().ToList();
        return variances.Count == 0 ? "" : $", variance of the same response read again {Number(variances.Average())} (n = {variances.Count})";
    }

    private static string Funnel(List<FunnelStep> steps)
    {
        string[] header = ["rule", "of", "came in", "removed", "left", "questions left"];
        var table = TextTable.Of(
        [
            header,
            .. steps.Select(s => new[] { s.Rule, s.Unit, $"{s.Before}", $"{s.Removed}", $"{s.Before - s.Removed}", $"{s.QuestionsLeft}" }),
        ]);
        return table + string.Concat(steps.Where(s => s.Removed > 0).Select(s => $"{s.Rule}: {s.Why}{Objections(s)}\n"));
    }

    private static string Objections(FunnelStep step) => step.Objections is null
        ? ""
        : $" ({string.Join(", ", step.Objections.Select(o => $"{RecipeFile.Spell(o.Key)} objects to {o.Value}"))})";

    private static string[] Row(PairStatistics row) =>
    [
        row.Reward,
        row.Strategy,
        $"{row.Questions}",
        $"{row.Pairs}",
        Number(row.Mean),
        Number(row.Variance),
        row.Gap is { } gap ? Number(gap) : "",
        row.ExtraTokens is { } tokens ? tokens.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) : "",
    ];

    private static string Number(double value) => value.ToString(Math.Abs(value) < 10 ? "0.0000" : "0.0", CultureInfo.InvariantCulture);
}

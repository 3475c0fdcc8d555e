using System.Text;
using ProxyReward.Evaluation;
using ProxyReward.Evaluation.Attacks;
using ProxyReward.Recipes;
using ProxyReward.Rewards;

namespace ProxyReward.Cli.Results;

/// <summary>The attacks as a table.</summary>
internal static class AttackText
{
    public static string Of(AttackTable table, Recipe recipe)
    {
        var who = recipe.Reward == RewardKind.Judge ? "judge" : $"reader {RecipeFile.Spell(recipe.Reader)}, reward {RecipeFile.Spell(recipe.Reward)}";
        var text = new StringBuilder(FormattableString.Invariant(
            $"{who}: {table.Floor.N} questions; mean reward with 95 % intervals over questions\n\n| attack | reward | against the honest floor | |\n|---|---|---|---|\n| an honest text on another subject (the floor) | {Interval(table.Floor)} | | |\n"));
        foreach (var attack in table.Attacks)
        {
            text.Append(FormattableString.Invariant($"| {attack.Name} | {Interval(attack.Reward)} | {attack.Excess.Mean:+0.000;-0.000;0.000} | {(table.Paying.Contains(attack) ? "PAYS" : "")} |\n"));
        }

        return text.Append($"\n{table.Paying.Count()} of {table.Attacks.Count} attacks pay.").ToString();
    }

    private static string Interval(Estimate estimate) => FormattableString.Invariant($"{estimate.Mean:F3} [{estimate.Low:F3}, {estimate.High:F3}]");
}

using ProxyReward.Evaluation;
using ProxyReward.Pairs;
using ProxyReward.Rewards;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Recipes;

/// <summary>What must hold between keys of a recipe.</summary>
internal static class RecipeRules
{
    /// <summary>Refuses a recipe whose keys contradict each other: an option that would be silently ignored is an error.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="placeOf">Where a dotted key was written.</param>
    public static void Check(Recipe recipe, Func<string, string?> placeOf)
    {
        PairingRules.Check(recipe, Refuse);
        Refuse("dpo.warmup_steps", recipe.Dpo is { WarmupSteps: > 0, WarmupRatio: > 0 },
            "warmup_steps and warmup_ratio are two ways to say the same. Remove one.");
        Refuse("dpo.label_smoothing", recipe.Dpo is { LabelSmoothing: > 0, Loss: not DpoLoss.Robust },
            "only loss: robust uses it. Choose that loss, or remove this key.");
        Refuse("lab.split_seed", recipe.Lab.SplitSeed != 0 && !UsesPocket(recipe),
            "it shuffles the entities of the pocket lab, and no question set of this recipe is pocket. Remove it.");
        Refuse("controls", recipe.Controls.Distinct().Count() < recipe.Controls.Count,
            "a control is named twice. Name each once.");
        Refuse("controls", recipe.Controls.Any(control => control != ControlKind.Temperature) && recipe.Iterations == 0,
            "controls train on the responses of iteration 1, and iterations is 0. Raise it, or remove the controls.");

        var colder = recipe.Controls.Contains(ControlKind.Temperature);
        Refuse("evaluation.control_temperature", !colder && recipe.Evaluation.ControlTemperature != new EvaluationOptions().ControlTemperature,
            "it has no effect without temperature among the controls. Add that control, or remove this key.");
        Refuse("controls", colder && recipe.Evaluation.ControlTemperature == recipe.Evaluation.Temperature,
            "the temperature control would repeat the base. Let evaluation.control_temperature differ from evaluation.temperature.");

        ReadingRules.Check(recipe, Refuse);
        if (recipe.Reader == ReaderKind.Evidence)
        {
            const string Why = "the evidence reader knows the gold answers: what it finds is always correct, so that precision means nothing. ";
            Refuse("reward", recipe.Reward == RewardKind.Precision, Why + "Use accuracy.");
            Refuse("controls", recipe.Controls.Contains(ControlKind.Precision), Why + "Remove that control.");
            Refuse("mix.precision", recipe.Mix.Precision != 0, Why + "Remove that weight.");
            Refuse("pairs.drop_conflicts", recipe.Pairs.DropConflicts && recipe.Pairs.Indicators.Contains(Indicator.Precision),
                Why + "Remove this key, or name other pairs.indicators, such as [judge].");
        }

        void Refuse(string key, bool wrong, string what)
        {
            if (wrong)
            {
                throw new RequestException($"{placeOf(key) ?? "recipe"}: '{key}': {what}");
            }
        }
    }

    private static bool UsesPocket(Recipe recipe) =>
        new[] { recipe.Questions.Train, recipe.Questions.Dev, recipe.Questions.HeldOut }.Contains(QuestionOptions.Pocket, StringComparer.Ordinal);
}

using System.Text.RegularExpressions;
using ProxyReward.Evaluation;
using ProxyReward.Pairs;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Training;
using ProxyReward.Verdicts;

namespace ProxyReward.Recipes;

/// <summary>What must hold between keys of a recipe.</summary>
internal static partial class RecipeRules
{
    /// <summary>Refuses a recipe whose keys contradict each other: an option that would be silently ignored is an error.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="placeOf">Where a dotted key was written.</param>
    public static void Check(Recipe recipe, Func<string, string?> placeOf)
    {
        PairingRules.Check(recipe, Refuse);
        Check(recipe.Dpo, Refuse);
        Check(recipe.Chat, Refuse);
        Refuse("keep", recipe.Keep == IterationKeep.BestOnDev && recipe.Questions.Dev is null,
            "best_on_dev chooses by the dev questions, and there are none. Name some with questions.dev, or remove this key.");
        Refuse("evaluation.kl_responses", recipe.Evaluation.KlResponses > recipe.Evaluation.Responses,
            $"only {recipe.Evaluation.Responses} responses are written to each held-out question. Lower it, or raise evaluation.responses.");
        Refuse("lab.split_seed", recipe.Lab.SplitSeed != 0 && !recipe.UsesPocket,
            "it shuffles the entities of the pocket lab, and no question set of this recipe is pocket. Remove it.");
        Refuse("controls", recipe.Controls.Distinct().Count() < recipe.Controls.Count,
            "a control is named twice. Name each once.");
        Refuse("controls", recipe.Controls.Any(control => control != ControlKind.Temperature) && recipe.Iterations == 0,
            "controls train on the responses of iteration 1, or sample its model, and iterations is 0. Raise it, or remove the controls.");

        var colder = recipe.Controls.Contains(ControlKind.Temperature);
        Refuse("controls", recipe.Controls.Contains(ControlKind.TrainedTemperature) && !colder,
            "trained_temperature is set against temperature, the base sampled as cold. Add that control, or remove this one.");
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

        void Refuse(string key, bool wrong, string what) => RecipeRules.Refuse(placeOf, key, wrong, what);
    }

    /// <summary>The same for a training without a recipe.</summary>
    public static void Check(TrainingSettings settings, Func<string, string?> placeOf)
    {
        Check(settings.Dpo, (key, wrong, what) => Refuse(placeOf, key, wrong, what));
        Check(settings.Chat, (key, wrong, what) => Refuse(placeOf, key, wrong, what));
    }

    private static void Check(ChatTemplateOptions chat, Action<string, bool, string> refuse)
    {
        foreach (var name in chat.Variables.Keys)
        {
            refuse($"chat.variables.{name}", !VariableName().IsMatch(name), "is no name that a template could use. Letters, digits and _ make one, no digit first.");
            refuse($"chat.variables.{name}", name is "messages" or "tools" or "documents" or "add_generation_prompt",
                "the chat itself gives it. Remove this key.");
            refuse($"chat.variables.{name}", name == "strftime_now", "it is a function. Say with chat.now what it shall answer.");
        }
    }

    private static void Check(DpoOptions dpo, Action<string, bool, string> refuse)
    {
        refuse("dpo.warmup_steps", dpo is { WarmupSteps: > 0, WarmupRatio: > 0 },
            "warmup_steps and warmup_ratio are two ways to say the same. Remove one.");
        refuse("dpo.label_smoothing", dpo is { LabelSmoothing: > 0, Loss: not DpoLoss.Robust },
            "only loss: robust uses it. Choose that loss, or remove this key.");
        refuse("dpo.dpo_positive_lambda", dpo is { DpoPositiveLambda: > 0, Loss: DpoLoss.Ipo or DpoLoss.SigmoidNorm },
            "losses per token have no such term: only loss: sigmoid, hinge or robust uses it. Choose one of these, or remove this key.");
        refuse("dpo.lora.dropout", dpo.Lora is { Dropout: > 0 },
            "adapters are trained without dropout: log-probs of policy and reference could not be compared. Set it to 0, or remove this key.");
        refuse("dpo.lora.target_modules", dpo.Lora is { TargetModules.Count: 0 },
            "an adapter needs at least one projection. Name some, or remove this key.");
    }

    private static void Refuse(Func<string, string?> placeOf, string key, bool wrong, string what)
    {
        if (wrong)
        {
            throw new RequestException($"{placeOf(key) ?? "recipe"}: '{key}': {what}");
        }
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex VariableName();
}

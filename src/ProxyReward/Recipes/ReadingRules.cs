using ProxyReward.Rewards;
using ProxyReward.Verdicts;

namespace ProxyReward.Recipes;

/// <summary>What must hold between readers and judges and the keys that say how they are asked.</summary>
internal static class ReadingRules
{
    private static readonly string[] EndpointKeys =
        ["api_key_env", "structured_output", "requests_per_minute", "tokens_per_minute", "price_in", "price_out", "budget"];

    private static readonly string[] LocalJudgeKeys = ["model", "prompts", "rubrics"];

    private static readonly string[] LocalKeys = ["model", "prompts", "window_tokens", "overlap", "calibration", "force"];

    /// <summary>Refuses keys without effect and readers without their model.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="refuse">Told the key, whether it is wrong, and why.</param>
    public static void Check(Recipe recipe, Action<string, bool, string> refuse)
    {
        Check("reader", "reading", recipe.TrainingReader, refuse);
        CheckJudge(recipe, refuse);
        if (recipe.Evaluation.Reader is not null)
        {
            Check("evaluation.reader", "evaluation.reading", recipe.EvaluationReader, refuse);
            return;
        }

        foreach (var key in KeysSet(recipe.Evaluation.Reading))
        {
            refuse($"evaluation.reading.{key}", true, "evaluation.reader is not given, so that the section 'reading' holds for the evaluation as well. Name a reader, or remove this key.");
        }
    }

    private static void Check(string readerKey, string section, ReaderChoice choice, Action<string, bool, string> refuse)
    {
        var (kind, options) = choice;
        var (name, isModel) = (RecipeFile.Spell(kind), kind is ReaderKind.Chat or ReaderKind.Logit or ReaderKind.Entailment);
        refuse(readerKey, isModel && options.Model is null, $"'{name}' is read by a model. Name it with {section}.model.");
        foreach (var key in KeysSet(options))
        {
            var hasEffect = kind == ReaderKind.Chat ? options.Endpoint is not null || !EndpointKeys.Contains(key) : isModel && LocalKeys.Contains(key);
            refuse($"{section}.{key}", !hasEffect, $"it has no effect with {readerKey}: {name}{(kind == ReaderKind.Chat ? " on this machine" : "")}. Remove this key.");
        }

        refuse($"{section}.price_in", options.PriceIn is null != options.PriceOut is null, "price_in and price_out go together. Give both, in US dollars per million tokens.");
        refuse($"{section}.overlap", options.WindowTokens > 0 && options.Overlap >= options.WindowTokens,
            $"a window of {options.WindowTokens} tokens cannot share {options.Overlap} with the one before. Lower it, or raise window_tokens.");
    }

    private static void CheckJudge(Recipe recipe, Action<string, bool, string> refuse)
    {
        var (judging, isUsed) = (recipe.Judging, recipe.Reward == RewardKind.Judge || recipe.Controls.Contains(ControlKind.Judge));
        foreach (var key in KeysSet(judging))
        {
            refuse($"judging.{key}", !isUsed, "no reward of this recipe is judge. Remove this key, or ask for the reward.");
            refuse($"judging.{key}", judging.Model is null, "it has no effect without judging.model. Name the judge, or remove this key.");
            refuse($"judging.{key}", judging.Endpoint is null && !LocalJudgeKeys.Contains(key), "it has no effect on a judge on this machine, which rates by its log-probs. Remove this key, or give judging.endpoint.");
        }

        refuse("judging.rubrics", judging.Rubrics.Count == 0 || judging.Rubrics.Distinct(StringComparer.Ordinal).Count() < judging.Rubrics.Count,
            "name at least one rubric, none twice.");
        refuse("judging.price_in", judging.PriceIn is null != judging.PriceOut is null, "price_in and price_out go together. Give both, in US dollars per million tokens.");
    }

    /// <summary>The keys whose values are not the defaults.</summary>
    private static IEnumerable<string> KeysSet<T>(T options)
        where T : AskedModel, new()
    {
        var defaults = new T();
        return from key in RecipeKeys.Of(typeof(T))
               where RecipeFile.WriteValue(key.Property.GetValue(options)) != RecipeFile.WriteValue(key.Property.GetValue(defaults))
               select key.Key;
    }
}

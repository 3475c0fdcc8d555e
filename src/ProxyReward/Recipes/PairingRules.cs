using ProxyReward.Pairs;
using ProxyReward.Rewards;

namespace ProxyReward.Recipes;

/// <summary>What must hold between the keys that say how responses are rewarded and paired.</summary>
internal static class PairingRules
{
    /// <summary>Refuses keys without effect and weights that do not make a reward.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="refuse">Told the key, whether it is wrong, and why.</param>
    public static void Check(Recipe recipe, Action<string, bool, string> refuse)
    {
        CheckMix(recipe, refuse);
        CheckPairs(recipe, refuse);
    }

    private static void CheckMix(Recipe recipe, Action<string, bool, string> refuse)
    {
        var isUsed = recipe.Reward == RewardKind.Mix || recipe.Controls.Contains(ControlKind.Mix);
        double[] weights = [recipe.Mix.Accuracy, recipe.Mix.Precision, recipe.Mix.Judge, recipe.Mix.Length, recipe.Mix.Repetition];
        var positive = Math.Round(weights.Where(w => w > 0).Sum(), 9);
        refuse("mix", !isUsed && weights.Any(w => w != 0),
            "only reward: mix uses these weights. Choose that reward, add it to the controls, or remove this section.");
        refuse("mix", isUsed && positive == 0, "no weight is above 0, so that every reward would be 0. Give one, for example accuracy: 1.");
        refuse("mix", positive > 1, FormattableString.Invariant(
            $"the weights above 0 add up to {positive}, so that the best responses could exceed 1, where a reward ends. Divide them by that sum."));
    }

    private static void CheckPairs(Recipe recipe, Action<string, bool, string> refuse)
    {
        var pairs = recipe.Pairs;
        var takesAll = pairs.Strategy == PairStrategy.AllAboveGap;
        refuse("pairs.per_question", pairs.PerQuestion * 2 > recipe.Responses.K,
            $"{pairs.PerQuestion} pairs need {pairs.PerQuestion * 2} responses, and responses.k is {recipe.Responses.K}. Lower the one or raise the other.");
        refuse("pairs.per_question", takesAll && pairs.PerQuestion != 1,
            "strategy all_above_gap takes every pair that is min_gap apart. Remove this key, or choose another strategy.");
        refuse("pairs.strategy", takesAll && pairs.MinGap == 0, "all_above_gap needs a gap. Set pairs.min_gap.");
        refuse("pairs.noise_veto", pairs.NoiseVeto > 0 && recipe.Reading.Repeats == 1,
            "responses are read once, so that the reader's noise is not known. Raise reading.repeats, or remove this key.");
        refuse("pairs.length_matched", pairs.LengthMatched && pairs.Strategy != PairStrategy.HighestLowest,
            "it takes the widest gaps among responses of like length, whatever the strategy. Remove one of the two.");
        refuse("pairs.length_tolerance", pairs is { LengthMatched: false, LengthTolerance: not 0.1 },
            "it has no effect without pairs.length_matched: true. Set that, or remove this key.");
        refuse("pairs.indicators", pairs.Indicators.Distinct().Count() < pairs.Indicators.Count, "an indicator is named twice. Name each once.");
        refuse("pairs.indicators", pairs.DropConflicts && pairs.Indicators.Count == 0,
            "without an indicator nobody can object. Name one, or remove pairs.drop_conflicts.");
        refuse("pairs.second_reader", pairs.SecondReader is null && pairs.Indicators.Contains(Indicator.SecondReader),
            "pairs.indicators names the second reader. Say who that is.");
        refuse("pairs.second_reader", pairs.SecondReader is not null && !pairs.Indicators.Contains(Indicator.SecondReader),
            "what it reads is used by the indicator second_reader alone. Add that to pairs.indicators, or remove this key.");
        refuse("pairs.second_reader", recipe.SecondReader == recipe.TrainingReader,
            "the same reader says the same again. Name another one, or another model in pairs.second_reading.");
    }
}

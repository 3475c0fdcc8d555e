using ProxyReward.Cli.Readers;
using ProxyReward.Evaluation;
using ProxyReward.Evaluation.Attacks;
using ProxyReward.Lab.Reading;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli.Commands.Reading;

/// <summary>Attacks the reader of a recipe, or its judge where the reward is judge.</summary>
internal static class AttackWork
{
    public static async Task<AttackTable> RunAsync(
        Recipe recipe, ReaderShelf readers, IJudge? judge, string recipeFolder, int most, Action<string> onAttack, CancellationToken cancellationToken)
    {
        var splits = Composition.QuestionsOf(recipe, recipeFolder);
        var all = splits.Dev.Count > 0 ? splits.Dev : splits.HeldOut;
        var pocket = (splits.Dev.Count > 0 ? recipe.Questions.Dev : recipe.Questions.HeldOut) == QuestionOptions.Pocket;
        var world = new Lazy<WorldTexts>(() => new WorldTexts(Composition.WorldOf(recipe).Value, recipe.Seed));
        return await new AttackSuite(
            Score(recipe, readers, judge),
            question => pocket ? world.Value.OnAnotherSubject(question) : Told(all[(IndexOf(question) + 1) % all.Count]),
            new Bootstrap(recipe.Seed, recipe.Evaluation.BootstrapDraws)).RunAsync([.. all.Take(most)], onAttack, cancellationToken);

        int IndexOf(MetaQuestion question) => Enumerable.Range(0, all.Count).First(i => all[i].Id == question.Id);
    }

    private static Func<MetaQuestion, string, CancellationToken, Task<double>> Score(Recipe recipe, ReaderShelf readers, IJudge? judge)
    {
        if (recipe.Reward == RewardKind.Judge)
        {
            return judge is null ? throw new RequestException("reward: judge: there is no judge. Name one with judging.model.") : judge.RateAsync;
        }

        if (recipe.Reward is not (RewardKind.Accuracy or RewardKind.Precision))
        {
            throw new RequestException($"reward: '{RecipeFile.Spell(recipe.Reward)}' asks no reader and no judge. Use --set reward=accuracy, precision or judge.");
        }

        var reader = readers.Of(recipe.TrainingReader);
        return async (question, text, cancellationToken) =>
        {
            var counts = ProxyCounts.Of(question, await reader.ReadCheckedAsync(question, text, cancellationToken));
            return recipe.Reward == RewardKind.Precision ? counts.Precision : counts.Accuracy;
        };
    }

    // The nearest to an honest text that a question set has: its true statements, one after the other.
    private static string Told(MetaQuestion question) => string.Join(' ', question.Proxies.Where(proxy => proxy.Answer).Select(proxy => proxy.Statement));
}

using ProxyReward.Pairs;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Training;

namespace ProxyReward.Runs.Stages;

/// <summary>Rewards become preference pairs: a pure function of the rewards, done anew each time and written where it is missing.</summary>
internal static class PairStage
{
    /// <summary>Writes pairs.jsonl, funnel.jsonl and pair-statistics.jsonl, and returns the pairs with their texts.</summary>
    public static IReadOnlyList<TrainingPair> Pair(
        this Run run, Arm arm, IReadOnlyList<Response> responses, IReadOnlyList<ResponseReward> rewards)
    {
        var questions = run.Questions.Train.ToDictionary(q => q.Id, StringComparer.Ordinal);
        var answers = responses.ToDictionary(r => r.Id, StringComparer.Ordinal);
        var recipe = run.Recipe;
        var context = new PairContext(recipe.Seed)
        {
            MaxLength = recipe.Dpo.Truncation == Truncation.Drop ? recipe.Dpo.MaxLength : null,
            HasPrecision = !run.Parts.Readers(recipe.TrainingReader).KnowsGoldAnswers,
            Domains = questions.ToDictionary(q => q.Key, q => q.Value.Domain, StringComparer.Ordinal),
            Texts = answers.ToDictionary(r => r.Key, r => r.Value.Text, StringComparer.Ordinal),
        };
        var selected = PairSelection.Select(rewards, recipe.Pairs, context);

        // The pairs come last: where they are, the rest is.
        if (!run.Store.Exists(arm.File("pairs.jsonl")))
        {
            using var work = run.Begin(arm, Stage.Pair, "pairs", 0, selected.Pairs.Count);
            Jsonl.Write(run.Store, arm.File("funnel.jsonl"), selected.Funnel);
            Jsonl.Write(
                run.Store,
                arm.File("pair-statistics.jsonl"),
                PairStatistics.Of(RecipeFile.Spell(arm.Reward!.Value), rewards, recipe.Pairs, context, selected.Pairs));
            Jsonl.Write(run.Store, arm.File("pairs.jsonl"), selected.Pairs);
            work.Advance(selected.Pairs.Count);
        }

        return [.. selected.Pairs.Select(pair => new TrainingPair(
            questions[pair.QuestionId],
            answers[Response.IdOf(pair.QuestionId, pair.Chosen)],
            answers[Response.IdOf(pair.QuestionId, pair.Rejected)]))];
    }
}

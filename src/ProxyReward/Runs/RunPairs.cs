using ProxyReward.Pairs;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Training;

namespace ProxyReward.Runs;

/// <summary>The preference pairs of a run with their texts, finished or not. Reads only.</summary>
public static class RunPairs
{
    /// <summary>The pairs of one iteration.</summary>
    /// <param name="iteration">1-based; null: of all iterations that have some, in order.</param>
    /// <exception cref="RequestException">There are none, or a file is damaged.</exception>
    public static IReadOnlyList<TrainingPair> Of(IRunStore run, int? iteration)
    {
        var recipe = RecipeFile.Load(run.PathOf(Run.RecipeName));
        var arms = Enumerable.Range(1, recipe.Iterations).Select(i => Arm.OfIteration(i, recipe.Reward))
            .Where(arm => (iteration is null || arm.Iteration == iteration) && run.Exists(PairsOf(arm))).ToList();
        if (arms.Count == 0)
        {
            throw new RequestException(
                $"{run.PathOf("")}: has no pairs{(iteration is null ? "" : $" of iteration {iteration}")} yet; make them with `pair`, or with `run` on its recipe.");
        }

        var questions = Jsonl.Read<MetaQuestion>(run, Run.QuestionsName).ToLookup(question => question.Id, StringComparer.Ordinal);
        return [.. arms.SelectMany(arm => Of(run, arm, questions))];
    }

    private static IEnumerable<TrainingPair> Of(IRunStore run, Arm arm, ILookup<string, MetaQuestion> questions)
    {
        var responses = Jsonl.Read<Response>(run, arm.File("responses.jsonl")).ToLookup(response => response.Id, StringComparer.Ordinal);
        return Jsonl.Read<PreferencePair>(run, PairsOf(arm)).Select((pair, i) => new TrainingPair(
            questions[pair.QuestionId].FirstOrDefault() ?? throw Unknown(i, $"question '{pair.QuestionId}'", Run.QuestionsName),
            Find(i, Response.IdOf(pair.QuestionId, pair.Chosen)),
            Find(i, Response.IdOf(pair.QuestionId, pair.Rejected))));

        Response Find(int i, string id) => responses[id].FirstOrDefault() ?? throw Unknown(i, $"response '{id}'", arm.File("responses.jsonl"));

        RequestException Unknown(int i, string what, string where) =>
            new($"{run.PathOf(PairsOf(arm))}:{i + 1}: {what} is not in {where}. Delete pairs.jsonl and run again: the pairs are made anew.");
    }

    private static string PairsOf(Arm arm) => arm.File("pairs.jsonl");
}

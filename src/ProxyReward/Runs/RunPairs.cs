using ProxyReward.Pairs;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Responses;
using ProxyReward.Training;

namespace ProxyReward.Runs;

/// <summary>The preference pairs of a run with their texts, finished or not. Reads only.</summary>
public static class RunPairs
{
    private const string PairsName = "pairs.jsonl";
    private const string ResponsesName = "responses.jsonl";

    /// <summary>The pairs of one iteration.</summary>
    /// <param name="iteration">1-based; null: of all iterations that have some, in order.</param>
    /// <exception cref="RequestException">There are none, or a file is damaged.</exception>
    public static IReadOnlyList<TrainingPair> Of(IRunStore run, int? iteration)
    {
        var recipe = RecipeFile.Load(run.PathOf(Run.RecipeName));
        var arms = Arm.IterationsOf(recipe)
            .Where(arm => (iteration is null || arm.Iteration == iteration) && run.Exists(PairsOf(arm))).ToList();
        if (arms.Count == 0)
        {
            throw new RequestException(
                $"{run.PathOf("")}: has no pairs{(iteration is null ? "" : $" of iteration {iteration}")} yet; make them with `pair`, or with `run` on its recipe.");
        }

        return [.. arms.SelectMany(arm => Of(run, arm, arm))];
    }

    /// <summary>The iterations that have pairs, 1-based and in order.</summary>
    public static IReadOnlyList<int> Iterations(IRunStore run, Recipe recipe) =>
        [.. Arm.IterationsOf(recipe).Where(arm => run.Exists(PairsOf(arm))).Select(arm => arm.Iteration)];

    /// <summary>Whether a file is the pairs.jsonl of a run.</summary>
    public static bool IsOfRun(string path) => Path.GetFileName(path) == PairsName && RunFolder.Holding(path) is not null;

    /// <summary>The pairs of a run's pairs.jsonl, an iteration's or a control's, as another model can be trained on them.</summary>
    /// <exception cref="RequestException">There are none, or a file is damaged.</exception>
    public static IReadOnlyList<TrainingExample> OfFile(string path)
    {
        var folder = RunFolder.Holding(path)!;
        var run = new RunFolder(folder);
        var arm = new Arm("", Path.GetRelativePath(folder, Path.GetDirectoryName(Path.GetFullPath(path))!).Replace('\\', '/'), 1, null);
        var writer = run.Exists(arm.File(ResponsesName)) ? arm : Arm.OfIteration(1, default); // controls learn from the first iteration's responses
        var pairs = Of(run, arm, writer).Select((pair, i) => new ChatExample(
            $"{path}:{i + 1}", [new("user", pair.Question.Text)], [new("assistant", pair.Chosen.Text)], [new("assistant", pair.Rejected.Text)])).ToList();
        return pairs.Count > 0 ? pairs : throw new RequestException($"{path}: holds no pair. funnel.jsonl beside it says which rule removed what.");
    }

    private static IEnumerable<TrainingPair> Of(IRunStore run, Arm arm, Arm writer)
    {
        var questions = Jsonl.Read<MetaQuestion>(run, RunQuestions.FileName).ToLookup(question => question.Id, StringComparer.Ordinal);
        var responses = Jsonl.Read<Response>(run, writer.File(ResponsesName)).ToLookup(response => response.Id, StringComparer.Ordinal);
        return Jsonl.Read<PreferencePair>(run, PairsOf(arm)).Select((pair, i) => new TrainingPair(
            questions[pair.QuestionId].FirstOrDefault() ?? throw Unknown(i, $"question '{pair.QuestionId}'", RunQuestions.FileName),
            Find(i, Response.IdOf(pair.QuestionId, pair.Chosen)),
            Find(i, Response.IdOf(pair.QuestionId, pair.Rejected))));

        Response Find(int i, string id) => responses[id].FirstOrDefault() ?? throw Unknown(i, $"response '{id}'", writer.File(ResponsesName));

        RequestException Unknown(int i, string what, string where) =>
            new($"{run.PathOf(PairsOf(arm))}:{i + 1}: {what} is not in {where}. Delete pairs.jsonl and run again: the pairs are made anew.");
    }

    private static string PairsOf(Arm arm) => arm.File(PairsName);
}

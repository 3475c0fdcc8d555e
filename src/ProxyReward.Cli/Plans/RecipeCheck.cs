using ProxyReward.Models.Checkpoints;
using ProxyReward.Questions;
using ProxyReward.Recipes;

namespace ProxyReward.Cli.Plans;

/// <summary>Whether everything that a recipe names is there, and what the run would take.</summary>
/// <param name="composition">Finds what recipes name.</param>
/// <param name="terminal">Where it prints.</param>
/// <param name="memory">Bytes this process may have.</param>
/// <param name="free">Bytes free where runs are written.</param>
internal sealed class RecipeCheck(Composition composition, Terminal terminal, long memory, long free)
{
    /// <summary>A line for each answer.</summary>
    public IEnumerable<(string Name, bool Good, string Text)> Lines(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Recipe? recipe = null;
        QuestionSplits? questions = null;
        PlannedModel? model = null;
        yield return Answer("recipe", () =>
        {
            recipe = RecipeFile.Load(path);
            questions = composition.Of(recipe, folder, Path.GetTempPath(), terminal).Questions();
            return $"{recipe.Name}: {questions.Train.Count} train, {questions.Dev.Count} dev, {questions.HeldOut.Count} held-out questions";
        });
        if (recipe is null || questions is null)
        {
            yield break;
        }

        yield return Answer("model", () =>
        {
            // What it would take can be said of the paper's models before they are fetched.
            model = KnownShapes.Find(recipe.Model) is { } known ? new PlannedModel(known, null) : null;
            var found = composition.Of(recipe, folder, Path.GetTempPath(), terminal).Model();
            model = PlannedModel.Open(found);
            return $"{found}: {model.Parameters / 1e6:N0} M parameters";
        });
        if (model is not null)
        {
            foreach (var line in new RecipePlan(recipe, questions, model, memory, free).Lines())
            {
                yield return line;
            }
        }
    }

    /// <summary>The answer to a question, or the problem in its place.</summary>
    public static (string Name, bool Good, string Text) Answer(string name, Func<string> check)
    {
        try
        {
            return (name, true, check());
        }
        catch (Exception e) when (e is RequestException or IOException or InvalidOperationException or DllNotFoundException)
        {
            return (name, false, $"problem: {e.Message}");
        }
    }
}

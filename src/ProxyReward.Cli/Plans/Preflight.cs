using ProxyReward.Cli.Readers;
using ProxyReward.Models.Checkpoints;
using ProxyReward.Models.Policies;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Runs;
using ProxyReward.Verdicts;

namespace ProxyReward.Cli.Plans;

/// <summary>
/// Whether everything is there that a recipe names, and what the run would take: <c>doctor</c> shows it, <c>run</c> asks it before a folder is bound
/// to the recipe. Loads no weights, sends nothing.
/// </summary>
/// <param name="composition">Finds what recipes name.</param>
/// <param name="recipe">The recipe.</param>
/// <param name="recipeFolder">Where its relative paths are looked for after the working directory.</param>
/// <param name="terminal">Gets the warnings.</param>
internal sealed class Preflight(Composition composition, Recipe recipe, string recipeFolder, Terminal terminal)
{
    /// <summary>A line for each thing.</summary>
    /// <param name="room">What the run may take; null: what it takes is not looked at.</param>
    public IEnumerable<PlanLine> Lines(Room? room)
    {
        QuestionSplits? questions = null;
        PlannedModel? model = null;
        yield return PlanLine.Of("recipe", () =>
        {
            questions = composition.Of(recipe, recipeFolder, Path.GetTempPath(), terminal).Questions();
            questions.Joined();
            return $"{recipe.Name}: {questions.Train.Count} train, {questions.Dev.Count} dev, {questions.HeldOut.Count} held-out questions";
        });
        if (questions is not null && Leakage.Warning(questions) is { } leaks)
        {
            yield return new("questions", leaks, Standing.Doubtful);
        }

        foreach (var line in Asked())
        {
            yield return line;
        }

        yield return PlanLine.Of("model", () =>
        {
            // What it would take can be said of the paper's models before they are fetched.
            model = KnownShapes.Find(recipe.Model) is { } known ? new PlannedModel(known, null) : null;
            var found = composition.ModelOf(recipe, recipeFolder);
            LocalModel.RequireUse(recipe.Chat, found);
            model = room is null ? null : PlannedModel.Open(found);
            return model is null ? found : $"{found}: {model.Parameters / 1e6:N0} M parameters";
        });
        if (room is not null && questions is not null && model is not null)
        {
            foreach (var line in new RecipePlan(recipe, questions, model, room).Lines())
            {
                yield return line;
            }
        }
    }

    /// <summary>The readers and the judge alone: what a run asks again whenever it goes on.</summary>
    public IEnumerable<PlanLine> Asked()
    {
        using var models = new AskedModels(recipeFolder, Composition.RequestsName, recipe.Chat, terminal);
        using var shelf = new ReaderShelf(Composition.WorldOf(recipe), models, recipeFolder, recipe);
        foreach (var (name, reader) in new[] { ("reader", recipe.TrainingReader), ("second reader", recipe.SecondReader), ("evaluation", recipe.EvaluationReader) }.DistinctBy(named => named.Item2))
        {
            if (reader is not null)
            {
                yield return PlanLine.Of(name, () =>
                {
                    shelf.Require(reader);
                    return Spoken(reader);
                });
            }
        }

        if (Arm.AllOf(recipe).Any(arm => arm.Reward is { } reward && recipe.AsksJudge(reward)))
        {
            yield return PlanLine.Of("judge", () => Composition.RequireJudge(recipe, recipeFolder, models));
        }
    }

    /// <summary>Says what is doubtful, and refuses at the first thing that is wrong.</summary>
    /// <exception cref="RequestException">It says where and how to mend it.</exception>
    public void Require(IEnumerable<PlanLine> lines)
    {
        foreach (var line in lines)
        {
            if (line.Standing == Standing.Wrong)
            {
                throw new RequestException(line.Text);
            }

            if (line.Standing == Standing.Doubtful)
            {
                terminal.Error.WriteLine($"warning: {line.Text}");
            }
        }
    }

    private static string Spoken(ReaderChoice reader) => string.Join(
        ", ", new[] { RecipeFile.Spell(reader.Kind), reader.Options.Model, reader.Options.Endpoint is { } endpoint ? $"at {endpoint}" : null }.OfType<string>());
}

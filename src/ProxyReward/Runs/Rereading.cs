using System.Text;
using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Recipes;
using ProxyReward.Runs.Stages;
using ProxyReward.Runs.Trainings;

namespace ProxyReward.Runs;

/// <summary>
/// Reads the held-out responses of a finished run again (ours): by another reader, or for other proxies to the same questions. Nothing is written
/// and nothing is trained; the numbers are those of a run that had been evaluated so from the start.
/// </summary>
public static class Rereading
{
    // Of each model: what it answered, how it was trained, and what was measured on its weights or on dev questions.
    private static readonly string[] Kept = ["evaluation/responses.jsonl", CheckpointTraining.ResultName, TrainingLog.StepsName, DevChoice.FileName, Divergence.FileName];

    /// <summary>Begins a folder with the responses of a run; does nothing where that was done. The caller holds the <see cref="RunLock"/>.</summary>
    /// <param name="from">The finished run.</param>
    /// <param name="recipe">Its recipe, evaluated otherwise.</param>
    /// <param name="heldOut">The held-out questions as they are to be read.</param>
    /// <param name="to">The folder that gets the rereading.</param>
    /// <exception cref="RequestException">The run is not finished, the recipe differs in more than the evaluation, or the questions are others.</exception>
    public static void Begin(IRunStore from, Recipe recipe, Func<IReadOnlyList<MetaQuestion>> heldOut, IRunStore to)
    {
        RequireSameModels(from, recipe);
        if (to.Exists(Run.RecipeName))
        {
            return;
        }

        foreach (var arm in Arm.AllOf(recipe).Prepend(Arm.Base))
        {
            foreach (var name in Kept.Select(arm.File).Where(from.Exists))
            {
                to.Write(name, from.Read(name));
            }
        }

        var questions = QuestionSplits.Of(Jsonl.Read<MetaQuestion>(from, RunQuestions.FileName));
        Jsonl.Write(to, RunQuestions.FileName, (questions with { HeldOut = Matched(questions.HeldOut, heldOut(), recipe.Questions.HeldOut) }).Joined());
        RunCard.Read(from).Under(recipe, to.Read(RunQuestions.FileName)).Write(to);
        to.Write(Run.RecipeName, Encoding.UTF8.GetBytes(RecipeFile.Write(recipe))); // last, as a run begins
    }

    /// <summary>Reads what has not been read, and ends with summary.json.</summary>
    /// <param name="run">The folder, opened with the recipe that it was begun with.</param>
    public static async Task ReadAsync(Run run, CancellationToken cancellationToken)
    {
        var baseline = await run.EvaluateAsync(Arm.Base, null, cancellationToken).ConfigureAwait(false);
        foreach (var arm in Arm.AllOf(run.Recipe))
        {
            await run.EvaluateAsync(arm, baseline, cancellationToken).ConfigureAwait(false);
        }

        run.Summarise();
    }

    private static void RequireSameModels(IRunStore from, Recipe recipe)
    {
        if (!from.Exists(RunSummary.FileName))
        {
            throw new RequestException($"{from.PathOf(RunSummary.FileName)}: is not there; finish the run first.");
        }

        var there = RecipeFile.Write(RecipeFile.Load(from.PathOf(Run.RecipeName)));
        if (SettingChange.Between(there, RecipeFile.Write(recipe)).FirstOrDefault(change => !IsOfTheReading(change.Key)) is { } other)
        {
            throw new RequestException(
                $"--set: {other}: that makes other models or other responses. Only evaluation.reader, evaluation.reading.… and questions.held_out can change; for the rest make a run of its own.");
        }
    }

    private static bool IsOfTheReading(string key) =>
        key is "questions.held_out" or "evaluation.reader" || key.StartsWith("evaluation.reading", StringComparison.Ordinal);

    // In the order of the run, to whose questions the responses belong.
    private static IReadOnlyList<MetaQuestion> Matched(IReadOnlyList<MetaQuestion> answered, IReadOnlyList<MetaQuestion> asked, string source)
    {
        var byId = asked.ToDictionary(question => question.Id, StringComparer.Ordinal);
        return asked.Count != answered.Count
            ? throw new RequestException($"questions.held_out: {source} has {asked.Count} questions, and the run answered {answered.Count}. Give the same questions; their proxies and evidence may differ.")
            : [.. answered.Select(question => byId.TryGetValue(question.Id, out var again) && again.Text == question.Text
                ? again
                : throw new RequestException($"questions.held_out: {source} does not ask '{question.Id}' as the run did. Give the same questions; their proxies and evidence may differ."))];
    }
}

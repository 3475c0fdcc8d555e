using ProxyReward.Evaluation;
using ProxyReward.Recipes;
using ProxyReward.Verdicts;

namespace ProxyReward.Runs.Stages;

/// <summary>The dev questions decide with which model the loop goes on, where the recipe wants it (ours): a model that lost is rolled back.</summary>
internal static class KeepStage
{
    /// <summary>The model that the loop goes on with.</summary>
    public static async Task<Arm> KeepAsync(this Run run, Arm trained, Arm start, CancellationToken cancellationToken)
    {
        if (run.Recipe.Keep == IterationKeep.Last)
        {
            return trained;
        }

        var accuracy = await run.DevAccuracyAsync(trained, cancellationToken).ConfigureAwait(false);
        var before = await run.DevAccuracyAsync(start, cancellationToken).ConfigureAwait(false);
        var kept = accuracy >= before ? trained : start;
        JsonFile.Write(run.Store, trained.File(DevChoice.FileName), new DevChoice(accuracy, before, kept.Name));
        return kept;
    }

    /// <summary>The model that an iteration of a run started from, as the files of the run say.</summary>
    public static Arm StartOf(IRunStore store, Recipe recipe, int iteration)
    {
        Arm[] earlier = [Arm.Base, .. Arm.IterationsOf(recipe).Take(iteration - 1)];
        return iteration == 1 || recipe.Keep == IterationKeep.Last
            ? earlier[^1]
            : earlier.Single(arm => arm.Name == JsonFile.Read<DevChoice>(store, earlier[^1].File(DevChoice.FileName)).Kept);
    }

    /// <summary>The iterations that were rolled back.</summary>
    public static IEnumerable<Signature> Rollbacks(this Run run) =>
        from arm in Arm.IterationsOf(run.Recipe)
        where run.Store.Exists(arm.File(DevChoice.FileName))
        let choice = JsonFile.Read<DevChoice>(run.Store, arm.File(DevChoice.FileName))
        where choice.Kept != arm.Name
        select new Signature("rolled_back", $"{arm.Name}: accuracy on the dev questions {choice.Accuracy:P1}, {choice.StartAccuracy:P1} before it: {choice.Kept} is kept");

    private static async Task<double> DevAccuracyAsync(this Run run, Arm arm, CancellationToken cancellationToken)
    {
        var (options, questions) = (run.Recipe.Evaluation, run.Questions.Dev);
        var responses = await run.RespondAsync(
            (arm, Stage.Evaluate, "dev responses"), arm, arm.File("dev/responses.jsonl"),
            questions, options.Responses, "dev", options.Temperature, cancellationToken).ConfigureAwait(false);
        var verdicts = await run.ReadAsync(
            (arm, Stage.Evaluate, "dev texts"), arm.File("dev/verdicts.jsonl"), run.Recipe.TrainingReader,
            questions, responses, r => r.Text, cancellationToken).ConfigureAwait(false);
        var byId = questions.ToDictionary(question => question.Id, StringComparer.Ordinal);
        return responses
            .Zip(verdicts, (response, read) => (response.QuestionId, ProxyCounts.Of(byId[response.QuestionId], read.Verdicts).Accuracy))
            .GroupBy(response => response.QuestionId, response => response.Accuracy, StringComparer.Ordinal)
            .Average(question => question.Average());
    }
}

using ProxyReward.Evaluation;
using ProxyReward.Recipes;

namespace ProxyReward.Runs.Stages;

/// <summary>A model answers the held-out questions, whose proxies it was never rewarded for.</summary>
internal static class EvaluateStage
{
    public const string MeasuresName = "evaluation/measures.jsonl";

    /// <summary>Writes the evaluation of an arm and returns the measures of its responses.</summary>
    /// <param name="run">The run.</param>
    /// <param name="arm">Whose model.</param>
    /// <param name="baseline">The base's measures; null for the base itself.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static async Task<IReadOnlyList<ResponseMeasures>> EvaluateAsync(
        this Run run, Arm arm, IReadOnlyList<ResponseMeasures>? baseline, CancellationToken cancellationToken)
    {
        var options = run.Recipe.Evaluation;
        var questions = run.Questions.HeldOut;

        // Every model draws the same random numbers, so that a paired difference is less noisy.
        var responses = await run.RespondAsync(
            (arm, Stage.Evaluate, "responses"), arm, arm.File("evaluation/responses.jsonl"),
            questions, options.Responses, "evaluate", arm.IsColder ? options.ControlTemperature : options.Temperature, cancellationToken).ConfigureAwait(false);
        var verdicts = await run.ReadAsync(
            (arm, Stage.Evaluate, "texts"), arm.File("evaluation/verdicts.jsonl"), run.Recipe.EvaluationReader,
            questions, responses, r => r.Text, cancellationToken).ConfigureAwait(false);
        var openings = await run.ReadAsync(
            (arm, Stage.Evaluate, "openings"), arm.File("evaluation/opening-verdicts.jsonl"), run.Recipe.EvaluationReader,
            questions, responses, r => r.Opening, cancellationToken).ConfigureAwait(false);

        var byId = questions.ToDictionary(q => q.Id, StringComparer.Ordinal);
        var hasPrecision = !run.Parts.Readers(run.Recipe.EvaluationReader).KnowsGoldAnswers;
        var measures = responses.Select((response, i) => ResponseMeasures.Of(
            byId[response.QuestionId], response, verdicts[i].Verdicts, openings[i].Verdicts,
            run.Parts.Facts?.Check(byId[response.QuestionId], response.Text), hasPrecision)).ToList();
        Jsonl.Write(run.Store, arm.File(MeasuresName), measures);

        var bootstrap = new Bootstrap(run.Recipe.Seed, options.BootstrapDraws);
        var table = MeasureTable.Of(measures, bootstrap);
        JsonFile.Write(run.Store, arm.File("evaluation.json"), baseline is null ? table : new ArmSummary(
            table,
            arm.Iteration,
            arm.Reward is { } reward ? RecipeFile.Spell(reward) : null,
            MeasureDifference.Of(measures, baseline, bootstrap),
            arm.IsTrained ? run.TrainingOf(arm).PairsTrained : 0));
        return measures;
    }
}

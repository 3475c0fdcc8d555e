using ProxyReward.Evaluation;
using ProxyReward.Responses;

namespace ProxyReward.Runs.Stages;

/// <summary>Measures the divergence of a trained model from the base (ours).</summary>
internal static class DivergenceStage
{
    /// <summary>Writes divergence.json, where the recipe wants it and it is not there.</summary>
    public static void MeasureDivergence(this Run run, Arm arm, CancellationToken cancellationToken)
    {
        var options = run.Recipe.Evaluation;
        if (options.KlResponses == 0 || run.Store.Exists(arm.File(Divergence.FileName)))
        {
            return;
        }

        var questions = run.Questions.HeldOut.ToDictionary(question => question.Id, StringComparer.Ordinal);
        var responses = Jsonl.Read<Response>(run.Store, arm.File("evaluation/responses.jsonl"))
            .Where(response => response.Index < options.KlResponses).Select(response => (questions[response.QuestionId], response)).ToList();
        using var work = run.Begin(arm, Stage.Evaluate, "log-probs", 0, 2 * responses.Count);
        var own = run.PolicyOf(arm).LogProbs(responses, cancellationToken);
        work.Advance(responses.Count);
        var under = run.PolicyOf(Arm.Base).LogProbs(responses, cancellationToken);
        work.Advance(responses.Count);

        var ratios = responses.Select((response, i) => (response.response.QuestionId, LogRatio: own[i] - under[i])).ToList();
        var perQuestion = ratios.GroupBy(ratio => ratio.QuestionId, StringComparer.Ordinal).Select(question => question.Average(ratio => ratio.LogRatio)).ToList();
        var kl = new Bootstrap(run.Recipe.Seed, options.BootstrapDraws).Of(perQuestion);
        JsonFile.Write(run.Store, arm.File(Divergence.FileName), new Divergence(
            kl,
            ratios.Sum(ratio => ratio.LogRatio) / Math.Max(1, responses.Sum(response => response.response.TokenIds.Count)),
            run.Recipe.Dpo.Beta * kl.Mean,
            responses.Count));
    }
}

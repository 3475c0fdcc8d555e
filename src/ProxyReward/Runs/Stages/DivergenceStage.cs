using ProxyReward.Evaluation;
using ProxyReward.Responses;

namespace ProxyReward.Runs.Stages;

/// <summary>
/// How far a model has gone from the base, iteration 0. The file divergence.json.
/// With responses y that the model wrote to the held-out questions x: KL(model ‖ base) ≈ mean of log π(y|x) − log π_base(y|x), first over the
/// responses of a question, then over questions. It is unbiased for responses drawn at temperature 1; at another evaluation.temperature it is the
/// divergence on what the model writes there. Reward drift is beta times it: the implicit reward that the model gives its own responses against iteration 0.
/// </summary>
/// <param name="Kl">In nats a response.</param>
/// <param name="KlPerToken">The same over all tokens: summed log-ratios / summed tokens.</param>
/// <param name="RewardDrift">beta · <paramref name="Kl"/>.</param>
/// <param name="Responses">How many it is measured on.</param>
internal sealed record Divergence(Estimate Kl, double KlPerToken, double RewardDrift, int Responses);

/// <summary>Measures the divergence of a trained model from the base (ours).</summary>
internal static class DivergenceStage
{
    private const string Name = "divergence.json";

    /// <summary>Writes divergence.json, where the recipe wants it and it is not there.</summary>
    public static void MeasureDivergence(this Run run, Arm arm, CancellationToken cancellationToken)
    {
        var options = run.Recipe.Evaluation;
        if (options.KlResponses == 0 || run.Store.Exists(arm.File(Name)))
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
        JsonFile.Write(run.Store, arm.File(Name), new Divergence(
            kl,
            ratios.Sum(ratio => ratio.LogRatio) / Math.Max(1, responses.Sum(response => response.response.TokenIds.Count)),
            run.Recipe.Dpo.Beta * kl.Mean,
            responses.Count));
    }
}

using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;

namespace ProxyReward.Runs.Stages;

/// <summary>Verdicts become rewards.</summary>
internal static class ScoreStage
{
    // As in reading: bounds what is in flight where the reward asks a judge.
    private const int Batch = 64;

    /// <summary>The rewards of the responses that an arm learns from.</summary>
    public static async Task<IReadOnlyList<ResponseReward>> ScoreAsync(
        this Run run,
        Arm arm,
        IReadOnlyList<Response> responses,
        IReadOnlyList<ResponseVerdicts> verdicts,
        CancellationToken cancellationToken)
    {
        var questions = run.Questions.Train.ToDictionary(q => q.Id, StringComparer.Ordinal);
        var verdictsOf = verdicts.ToDictionary(v => v.ResponseId, v => v.Verdicts, StringComparer.Ordinal);
        var reward = RewardOf(run, arm.Reward!.Value);
        using var judge = reward as IDisposable;
        return await run.CompleteAsync<Response, ResponseReward>(
            (arm, Stage.Score, "responses"), arm.File("rewards.jsonl"), responses, r => r.Id, r => r.ResponseId, Batch,
            async (batch, _) => await Task.WhenAll(batch.Select(ScoreOneAsync)).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);

        async Task<ResponseReward> ScoreOneAsync(Response response)
        {
            var question = questions[response.QuestionId];
            var counts = ProxyCounts.Of(question, verdictsOf[response.Id]);
            var score = await reward.ScoreAsync(question, response, counts, cancellationToken).ConfigureAwait(false);
            return new(response.QuestionId, response.Index, score, counts, response.LengthTokens, response.Truncated);
        }
    }

    private static IReward RewardOf(Run run, RewardKind kind) => kind switch
    {
        RewardKind.Accuracy => new AccuracyReward(),
        RewardKind.Precision => new PrecisionReward(),
        RewardKind.Judge => new JudgeReward(() => run.Parts.Judge?.Invoke()
            ?? throw new RequestException("reward: judge: this model has no judge. Choose another reward, or remove the judge from the controls.")),
        RewardKind.Length => new LengthReward(),
        RewardKind.Random => new RandomReward(run.Recipe.Seed),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such reward"),
    };
}

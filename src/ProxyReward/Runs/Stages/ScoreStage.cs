using ProxyReward.Pairs;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Verdicts;

namespace ProxyReward.Runs.Stages;

/// <summary>Verdicts become rewards.</summary>
internal static class ScoreStage
{
    // As in reading: bounds what is in flight where the reward asks a judge.
    private const int Batch = 64;

    /// <summary>The rewards of the responses that an arm learns from, with what the indicators of its pairs say.</summary>
    public static async Task<IReadOnlyList<ResponseReward>> ScoreAsync(
        this Run run,
        Arm arm,
        IReadOnlyList<Response> responses,
        Readings readings,
        CancellationToken cancellationToken)
    {
        var questions = run.Questions.Train.ToDictionary(q => q.Id, StringComparer.Ordinal);
        var verdictsOf = readings.First.ToDictionary(v => v.ResponseId, v => v.Verdicts, StringComparer.Ordinal);
        var secondOf = readings.Second?.ToDictionary(v => v.ResponseId, v => v.Verdicts, StringComparer.Ordinal);
        using var judge = new JudgeOnCall(run.Parts.Judge);
        var reward = RewardOf(run, arm.Reward!.Value, judge);
        var recipe = run.Recipe;
        var noise = new ReadingNoise(arm.Reward!.Value, recipe.Mix, recipe.Reading.Repeats);
        var judgeIsAsked = recipe.Pairs.Indicators.Contains(Indicator.Judge) && arm.Reward != RewardKind.Judge;
        return await run.CompleteAsync<Response, ResponseReward>(
            (arm, Stage.Score, "responses"), arm.File("rewards.jsonl"), responses, r => r.Id, r => r.ResponseId, Batch,
            async (batch, _) => await Task.WhenAll(batch.Select(ScoreOneAsync)).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);

        async Task<ResponseReward> ScoreOneAsync(Response response)
        {
            var question = questions[response.QuestionId];
            var counts = ProxyCounts.Of(question, verdictsOf[response.Id]);
            var score = await reward.ScoreAsync(question, response, counts, cancellationToken).ConfigureAwait(false);
            return new(response.QuestionId, response.Index, score.Reward, counts, response.LengthTokens, response.Truncated)
            {
                Parts = score.Parts,
                SequenceTokens = response.PromptTokens + response.TokenIds.Count,
                JudgeRating = judgeIsAsked ? await judge.Open().RateAsync(question, response.Text, cancellationToken).ConfigureAwait(false) : null,
                ReadingVariance = recipe.Reading.Repeats > 1 ? noise.VarianceOf(question, verdictsOf[response.Id]) : null,
                SecondReaderAccuracy = secondOf is null ? null : ProxyCounts.Of(question, secondOf[response.Id]).Accuracy,
            };
        }
    }

    private static IReward RewardOf(Run run, RewardKind kind, JudgeOnCall judge) => kind switch
    {
        RewardKind.Accuracy => new AccuracyReward(),
        RewardKind.Precision => new PrecisionReward(),
        RewardKind.Judge => new JudgeReward(judge.Open),
        RewardKind.Length => new LengthReward(),
        RewardKind.Random => new RandomReward(run.Recipe.Seed),
        RewardKind.Mix => new MixReward(run.Recipe.Mix, run.Recipe.Responses.MaxNewTokens, judge.Open),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such reward"),
    };

    /// <summary>The judge, opened when it is first asked.</summary>
    private sealed class JudgeOnCall(Func<IJudge>? open) : IDisposable
    {
        private readonly Lazy<IJudge> judge = new(open ?? (() => throw new RequestException(
            "reward: judge: this model has no judge. Choose another reward, or remove the judge from controls, mix and pairs.indicators.")));

        public IJudge Open() => judge.Value;

        public void Dispose()
        {
            if (judge.IsValueCreated)
            {
                judge.Value.Dispose();
            }
        }
    }
}

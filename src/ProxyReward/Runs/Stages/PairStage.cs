using ProxyReward.Pairs;
using ProxyReward.Responses;
using ProxyReward.Rewards;
using ProxyReward.Training;

namespace ProxyReward.Runs.Stages;

/// <summary>Rewards become preference pairs: a pure function of the rewards, done anew each time and written where it is missing.</summary>
internal static class PairStage
{
    /// <summary>Writes pairs.jsonl and funnel.jsonl, and returns the pairs with their texts.</summary>
    public static IReadOnlyList<TrainingPair> Pair(
        this Run run, Arm arm, IReadOnlyList<Response> responses, IReadOnlyList<ResponseReward> rewards)
    {
        var selected = PairSelection.Select(rewards, run.Recipe.Pairs, run.Recipe.Seed);
        if (!run.Store.Exists(arm.File("pairs.jsonl")))
        {
            using var work = run.Begin(arm, Stage.Pair, "pairs", 0, selected.Pairs.Count);
            Jsonl.Write(run.Store, arm.File("funnel.jsonl"), selected.Funnel);
            Jsonl.Write(run.Store, arm.File("pairs.jsonl"), selected.Pairs);
            work.Advance(selected.Pairs.Count);
        }

        var questions = run.Questions.Train.ToDictionary(q => q.Id, StringComparer.Ordinal);
        var texts = responses.ToDictionary(r => r.Id, StringComparer.Ordinal);
        return [.. selected.Pairs.Select(pair => new TrainingPair(
            questions[pair.QuestionId],
            texts[Response.IdOf(pair.QuestionId, pair.Chosen)],
            texts[Response.IdOf(pair.QuestionId, pair.Rejected)]))];
    }
}

using ProxyReward.Questions;
using ProxyReward.Responses;

namespace ProxyReward.Runs.Stages;

/// <summary>A policy writes k responses to each question.</summary>
internal static class RespondStage
{
    /// <summary>The training responses of an iteration, written by the model of the one before.</summary>
    public static Task<IReadOnlyList<Response>> RespondAsync(this Run run, Arm arm, Arm writer, CancellationToken cancellationToken) =>
        run.RespondAsync(
            (arm, Stage.Respond, "responses"), writer, arm.File("responses.jsonl"),
            run.Questions.Train, run.Recipe.Responses.K, $"respond-{arm.Iteration}", run.Recipe.Responses.Temperature, cancellationToken);

    /// <summary>Responses of any kind; the purpose names their random numbers.</summary>
    public static Task<IReadOnlyList<Response>> RespondAsync(
        this Run run,
        (Arm Arm, Stage Stage, string Unit) place,
        Arm writer,
        string name,
        IReadOnlyList<MetaQuestion> questions,
        int responses,
        string purpose,
        double temperature,
        CancellationToken cancellationToken)
    {
        var plan = from question in questions
                   from index in Enumerable.Range(0, responses)
                   select new ResponseRequest(question, index, run.Recipe.Seed, purpose);
        var sampling = run.Recipe.Responses.Sampling(temperature);
        return run.CompleteAsync<ResponseRequest, Response>(
            place, name, [.. plan], r => r.ResponseId, r => r.Id, run.Recipe.Responses.Batch,
            (batch, work) => Task.FromResult(run.PolicyOf(writer).Respond(batch, sampling, tokens => work.Advance(0, tokens), cancellationToken)),
            cancellationToken);
    }
}

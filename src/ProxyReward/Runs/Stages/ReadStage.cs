using ProxyReward.Questions;
using ProxyReward.Responses;
using ProxyReward.Verdicts;

namespace ProxyReward.Runs.Stages;

/// <summary>A reader answers the proxies of each response from its text alone.</summary>
internal static class ReadStage
{
    // Readers are pure functions of the text, so that the size of a batch changes no byte; it bounds what is in flight.
    private const int Batch = 64;

    /// <summary>The verdicts on training responses; the second reader's as well where the pairs ask for it.</summary>
    public static async Task<Readings> ReadAsync(
        this Run run, Arm arm, IReadOnlyList<Response> responses, CancellationToken cancellationToken)
    {
        var first = await ByAsync(run.Recipe.TrainingReader, "verdicts.jsonl").ConfigureAwait(false);
        return new(first, run.Recipe.SecondReader is { } second ? await ByAsync(second, "second-verdicts.jsonl").ConfigureAwait(false) : null);

        Task<IReadOnlyList<ResponseVerdicts>> ByAsync(ReaderChoice reader, string name) => run.ReadAsync(
            (arm, Stage.Read, "texts"), arm.File(name), reader, run.Questions.Train, responses, r => r.Text, cancellationToken);
    }

    /// <summary>The verdicts on a part of each response.</summary>
    public static Task<IReadOnlyList<ResponseVerdicts>> ReadAsync(
        this Run run,
        (Arm Arm, Stage Stage, string Unit) place,
        string name,
        ReaderChoice choice,
        IReadOnlyList<MetaQuestion> questions,
        IReadOnlyList<Response> responses,
        Func<Response, string> textOf,
        CancellationToken cancellationToken)
    {
        var byId = questions.ToDictionary(q => q.Id, StringComparer.Ordinal);
        var reader = run.Parts.Readers(choice);
        return run.CompleteAsync<Response, ResponseVerdicts>(
            place, name, responses, r => r.Id, v => v.ResponseId, Batch,
            async (batch, _) => await Task.WhenAll(batch.Select(async response => new ResponseVerdicts(
                response.Id,
                await reader.ReadCheckedAsync(byId[response.QuestionId], textOf(response), cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false),
            cancellationToken);
    }
}

/// <summary>What readers said about training responses.</summary>
/// <param name="First">The recipe's reader: what rewards are made of.</param>
/// <param name="Second">The second reader, an indicator; null where none is asked for.</param>
internal sealed record Readings(IReadOnlyList<ResponseVerdicts> First, IReadOnlyList<ResponseVerdicts>? Second);

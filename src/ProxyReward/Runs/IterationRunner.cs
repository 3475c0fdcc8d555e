using System.Runtime.CompilerServices;
using ProxyReward.Evaluation;
using ProxyReward.Responses;
using ProxyReward.Runs.Stages;

namespace ProxyReward.Runs;

/// <summary>
/// The loop of ProxyReward (paper, arXiv 2506.16024). Each stage does what its files lack, so that a run that was stopped anywhere
/// goes on from there; what the loop yields is where it may be stopped.
/// </summary>
public sealed class IterationRunner(Run run)
{
    /// <summary>Does the run, stage by stage, as far as it is asked for; ends with summary.json.</summary>
    public async IAsyncEnumerable<StageDone> RunAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        var baseline = await run.EvaluateAsync(Arm.Base, null, ct);
        yield return run.Done(Arm.Base, Stage.Evaluate);

        var start = Arm.Base;
        (IReadOnlyList<Response> Responses, Readings Readings) first = ([], new([], null));
        foreach (var arm in Arm.IterationsOf(run.Recipe))
        {
            var responses = await run.RespondAsync(arm, start, ct);
            yield return run.Done(arm, Stage.Respond);

            var readings = await run.ReadAsync(arm, responses, ct);
            yield return run.Done(arm, Stage.Read);

            await foreach (var done in ImproveAsync(arm, start, responses, readings, baseline, ct))
            {
                yield return done;
            }

            first = arm.Iteration == 1 ? (responses, readings) : first;
            start = await run.KeepAsync(arm, start, ct);
        }

        // What other rewards would have made of the same responses, or the base and iteration 1 would say if they were sampled colder.
        foreach (var control in run.Recipe.Controls.Select(Arm.Control))
        {
            if (!control.IsTrained)
            {
                await run.EvaluateAsync(control, baseline, ct);
                yield return run.Done(control, Stage.Evaluate);
                continue;
            }

            await foreach (var done in ImproveAsync(control, Arm.Base, first.Responses, first.Readings, baseline, ct))
            {
                yield return done;
            }
        }

        run.Summarise();
        yield return run.Done(Arm.Base, Stage.Summarise);
    }

    private async IAsyncEnumerable<StageDone> ImproveAsync(
        Arm arm,
        Arm start,
        IReadOnlyList<Response> responses,
        Readings readings,
        IReadOnlyList<ResponseMeasures> baseline,
        [EnumeratorCancellation] CancellationToken ct)
    {
        var rewards = await run.ScoreAsync(arm, responses, readings, ct);
        yield return run.Done(arm, Stage.Score);

        var pairs = run.Pair(arm, responses, rewards);
        yield return run.Done(arm, Stage.Pair);

        run.Train(arm, start, pairs, ct);
        yield return run.Done(arm, Stage.Train);

        await run.EvaluateAsync(arm, baseline, ct);
        run.MeasureDivergence(arm, ct);
        yield return run.Done(arm, Stage.Evaluate);
    }
}

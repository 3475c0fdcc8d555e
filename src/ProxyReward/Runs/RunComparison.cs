using ProxyReward.Evaluation;
using ProxyReward.Recipes;

namespace ProxyReward.Runs;

/// <summary>A difference between two arms, question by question, in each run and over all runs.</summary>
/// <param name="Left">The arm that is asked about.</param>
/// <param name="Right">What it is compared with.</param>
/// <param name="Measure">accuracy or accuracy_at_120.</param>
/// <param name="PerRun">Left minus right in each run, with the interval over questions that the run's own table has.</param>
/// <param name="Pooled">Over all runs, with its interval from the two-level bootstrap; of a single run its own.</param>
public sealed record ArmDifference(string Left, string Right, string Measure, IReadOnlyList<Estimate> PerRun, Estimate Pooled);

/// <summary>Compares the arms of finished runs that did the same with different seeds.</summary>
public static class RunComparison
{
    // Several seeds made the runs, and none of them is the pool's.
    private const long PoolSeed = 0;

    private static readonly IReadOnlyList<(string Name, Func<ResponseMeasures, double?> Of)> Measures =
        [("accuracy", m => m.Accuracy), ("accuracy_at_120", m => m.AccuracyAt120)];

    /// <summary>
    /// Each iteration against the base, and the first iteration against each control, sampled colder where the control is; without iterations each control against the base.
    /// Controls that some of the runs lack are left out.
    /// </summary>
    /// <param name="runs">Finished runs, at least one.</param>
    /// <exception cref="RequestException">A run is not finished or damaged, two of them cannot be pooled, or there is nothing to compare.</exception>
    public static IReadOnlyList<ArmDifference> Of(IReadOnlyList<IRunStore> runs)
    {
        var compared = runs.Select(ComparedRun.Open).ToList();
        foreach (var (i, run) in compared.Index())
        {
            foreach (var earlier in compared.Take(i))
            {
                run.RequirePoolableWith(earlier);
            }
        }

        var iterations = Arm.IterationsOf(compared[0].Recipe).ToList();
        var controls = compared[0].Recipe.Controls.Where(control => compared.TrueForAll(run => run.Recipe.Controls.Contains(control)));
        List<(Arm Left, Arm Right)> pairs =
        [
            .. iterations.Select(arm => (arm, Arm.Base)),
            .. controls.Select(control => Pair(control, iterations)),
        ];
        if (pairs.Count == 0)
        {
            throw new RequestException($"{runs[0].PathOf(Run.RecipeName)}: there is nothing to compare: iterations is 0, and there is no control that all runs have.");
        }

        return [.. from pair in pairs from measure in Measures select Difference(pair.Left, pair.Right, measure.Name, compared, measure.Of)];
    }

    private static (Arm Left, Arm Right) Pair(ControlKind control, List<Arm> iterations) => control switch
    {
        ControlKind.TrainedTemperature => (Arm.Control(control), Arm.Control(ControlKind.Temperature)),
        _ when iterations is [var first, ..] => (first, Arm.Control(control)),
        _ => (Arm.Control(control), Arm.Base),
    };

    private static ArmDifference Difference(Arm left, Arm right, string name, List<ComparedRun> runs, Func<ResponseMeasures, double?> of)
    {
        var differences = runs.Select(run => (Run: run, Values: PerQuestion.Differences(run.MeasuresOf(left), run.MeasuresOf(right), of))).ToList();
        var perRun = differences.Select(one => one.Run.Bootstrap.Of(one.Values)).ToList();
        return new(left.Name, right.Name, name, perRun, runs.Count == 1 ? perRun[0] : Pool(differences));
    }

    // In the order of the seeds, so that the order in which runs are named changes nothing.
    private static Estimate Pool(List<(ComparedRun Run, IReadOnlyList<double> Values)> differences)
    {
        var first = differences[0].Run;
        return new TwoLevelBootstrap(PoolSeed, first.Recipe.Evaluation.BootstrapDraws).Of(
            [.. differences.OrderBy(one => one.Run.Recipe.Seed).Select(one => one.Values)],
            shareQuestions: differences.TrueForAll(one => one.Run.HeldOutIds.SequenceEqual(first.HeldOutIds, StringComparer.Ordinal)));
    }
}

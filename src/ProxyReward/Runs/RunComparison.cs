using ProxyReward.Evaluation;

namespace ProxyReward.Runs;

/// <summary>A difference between two arms, question by question, in each run and over all runs.</summary>
/// <param name="Left">The arm that is asked about.</param>
/// <param name="Right">What it is compared with.</param>
/// <param name="Measure">accuracy or accuracy_at_120.</param>
/// <param name="PerRun">Left minus right in each run, with its interval over questions.</param>
/// <param name="Pooled">Over all runs, with its interval from the two-level bootstrap.</param>
public sealed record ArmDifference(string Left, string Right, string Measure, IReadOnlyList<Estimate> PerRun, Estimate Pooled);

/// <summary>Compares the arms of several finished runs of one recipe, which differ in their seeds.</summary>
public static class RunComparison
{
    private const long Seed = 0;

    private static readonly IReadOnlyList<(string Name, Func<ResponseMeasures, double?> Of)> Measures =
        [("accuracy", m => m.Accuracy), ("accuracy_at_120", m => m.AccuracyAt120)];

    /// <summary>Each iteration against the base, and the first iteration against each control.</summary>
    /// <param name="runs">Finished runs.</param>
    /// <exception cref="RequestException">A run is not finished, or the runs do not have the same iterations and controls.</exception>
    public static IReadOnlyList<ArmDifference> Of(IReadOnlyList<IRunStore> runs)
    {
        var arms = ArmsOf(runs[0]);
        foreach (var run in runs.Skip(1))
        {
            if (!ArmsOf(run).SequenceEqual(arms))
            {
                throw new RequestException(
                    $"{run.PathOf(RunSummary.FileName)}: has other iterations or controls than {runs[0].PathOf(RunSummary.FileName)}; compare runs of one recipe.");
            }
        }

        var measures = runs.Select(run => arms.Prepend(Arm.Base).ToDictionary(arm => arm, arm => Jsonl.Read<ResponseMeasures>(run, arm.File("evaluation/measures.jsonl")))).ToList();
        IEnumerable<(Arm Left, Arm Right)> pairs =
        [
            .. arms.Where(arm => !IsControl(arm)).Select(arm => (arm, Arm.Base)),
            .. arms.Where(IsControl).Select(control => (arms[0], control)),
        ];
        return [.. from pair in pairs from measure in Measures select Difference(pair.Left, pair.Right, measure.Name, measures, measure.Of)];
    }

    private static ArmDifference Difference(
        Arm left, Arm right, string name, List<Dictionary<Arm, List<ResponseMeasures>>> runs, Func<ResponseMeasures, double?> of)
    {
        var differences = runs.Select(run => PerQuestion.Differences(run[left], run[right], of)).ToList();
        return new(
            left.Name, right.Name, name, [.. differences.Select(new Bootstrap(Seed).Of)], new TwoLevelBootstrap(Seed).Of(differences));
    }

    private static bool IsControl(Arm arm) => arm.Folder.StartsWith("controls/", StringComparison.Ordinal);

    private static List<Arm> ArmsOf(IRunStore run)
    {
        if (!run.Exists(RunSummary.FileName))
        {
            throw new RequestException($"{run.PathOf(RunSummary.FileName)}: is not there; finish the run first.");
        }

        return [.. Arm.AllOf(Recipes.RecipeFile.Load(run.PathOf(Run.RecipeName)))];
    }
}

using ProxyReward.Evaluation;
using ProxyReward.Questions;
using ProxyReward.Recipes;

namespace ProxyReward.Runs.Stages;

/// <summary>Puts the evaluations of a run together.</summary>
internal static class SummariseStage
{
    /// <summary>Writes summary.json.</summary>
    public static RunSummary Summarise(this Run run)
    {
        var recipe = run.Recipe;
        var baseline = JsonFile.Read<MeasureTable>(run.Store, Arm.Base.File("evaluation.json"));
        var iterations = Arm.IterationsOf(recipe).Select(arm => Trained(run, arm)).ToList();
        var controls = recipe.Controls.Select(reward => Trained(run, Arm.Control(reward))).ToList();
        var summary = new RunSummary(
            1,
            recipe.Name,
            recipe.Seed,
            new(run.Questions.Train.Count, run.Questions.Dev.Count, run.Questions.HeldOut.Count),
            baseline,
            [.. iterations.Select(i => i.Summary)],
            new OrderedDictionary<string, ArmSummary>(
                recipe.Controls.Zip(controls, (reward, arm) => KeyValuePair.Create(RecipeFile.Spell(reward), arm.Summary)), StringComparer.Ordinal),
            [.. Leaks(run), .. run.Rollbacks(), .. Signatures.Find(baseline, iterations, controls)]);
        JsonFile.Write(run.Store, RunSummary.FileName, summary);
        return summary;
    }

    private static IEnumerable<Signature> Leaks(Run run) =>
        Leakage.Warning(run.Questions) is { } leaks ? [new("leakage", leaks)] : [];

    private static TrainedArm Trained(Run run, Arm arm) => new(
        arm.Name,
        JsonFile.Read<ArmSummary>(run.Store, arm.File("evaluation.json")) with { Seconds = StageSeconds.Of(run.Store, arm) },
        arm.IsTrained ? run.StepsOf(arm) : []);
}

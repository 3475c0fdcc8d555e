using System.Globalization;
using ProxyReward.Recipes;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Runs;

namespace ProxyReward.Reports.Sections;

/// <summary>The settings beside the paper's, and how long the stages took.</summary>
internal static class SettingSection
{
    public static Section Of(RunContents run) => new(
        "Settings and the paper's",
        Html.Of($"""
            What the paper states is marked; what it leaves open, or is set otherwise here, is ours. recipe.yaml in the run folder has every key.
            """),
        Html.Of($"""
            <div class="scroll"><table class="text">
            <thead><tr><th scope="col">Setting</th><th scope="col">This run</th><th scope="col">Paper</th><th scope="col">Whose value</th></tr></thead>
            <tbody>
            {Settings(run.Recipe).Select(Row)}</tbody>
            </table></div>
            {Seconds(run)}
            """));

    // Numbers of the paper: sections "Preference data" and "Training" of arXiv 2506.16024. Null: it gives none.
    private static IEnumerable<(string Key, string Value, string? Paper)> Settings(Recipe recipe)
    {
        var (responses, pairs, dpo) = (recipe.Responses, recipe.Pairs, recipe.Dpo);
        yield return ("reward", RecipeFile.Spell(recipe.Reward), "accuracy");
        yield return ("reader", RecipeFile.Spell(recipe.Reader), "GPT-4o-mini");
        yield return ("iterations", $"{recipe.Iterations}", "1 (below 2B) or 2");
        yield return ("responses.k", $"{responses.K}", null);
        yield return ("responses.temperature", Text(responses.Temperature), "0.8");
        yield return ("responses.max_new_tokens", $"{responses.MaxNewTokens}", null);
        yield return ("pairs.select", RecipeFile.Spell(pairs.Select), "variance");
        yield return ("pairs.question_share", Text(pairs.QuestionShare), null);
        yield return ("pairs.strategy", pairs.LengthMatched ? "length_matched" : RecipeFile.Spell(pairs.Strategy), "highest_lowest");
        yield return ("pairs.per_question", $"{pairs.PerQuestion}", "1");
        yield return ("dpo.beta", Text(dpo.Beta), null);
        yield return ("dpo.learning_rate", Text(dpo.LearningRate), "5E-07");
        yield return ("dpo.batch_size", $"{dpo.BatchSize}", "2");
        yield return ("dpo.gradient_accumulation", $"{dpo.GradientAccumulation}", "8");
        yield return ("dpo.epochs", $"{dpo.Epochs}", "5");
        yield return ("dpo.max_length", $"{dpo.MaxLength}", "2048");
        yield return ("evaluation.responses", $"{recipe.Evaluation.Responses}", null);
        yield return ("evaluation.reader", RecipeFile.Spell(recipe.EvaluationReader.Kind), null);
    }

    // The paper's value may be one of several: then it is a word among others.
    private static Html Row((string Key, string Value, string? Paper) setting)
    {
        var (key, value, paper) = setting;
        var whose = paper?.Split(' ').Contains(value, StringComparer.Ordinal) == true ? "paper" : "ours";
        return Html.Of($"""
            <tr><td><code>{key}</code></td><td>{value}</td><td>{paper ?? "not given"}</td><td>{whose}</td></tr>

            """);
    }

    private static Html Seconds(RunContents run)
    {
        if (run.Summary is not { } summary)
        {
            return Html.None;
        }

        var arms = summary.Iterations.Select(i => (Name: $"iteration {i.Iteration}", i.Seconds))
            .Concat(summary.Controls.Select(c => (Name: $"control {c.Key}", c.Value?.Seconds)))
            .Where(arm => arm.Seconds is { Count: > 0 }).ToList();
        return arms.Count == 0 ? Html.None : Html.Of($"""
            <h3>Seconds</h3>
            <div class="scroll"><table>
            <thead><tr><th scope="col">Model</th>{arms[0].Seconds!.Keys.Select(stage => Html.Of($"""<th scope="col">{stage}</th>"""))}</tr></thead>
            <tbody>
            {arms.Select(arm => Html.Of($"""
                <tr><th scope="row">{arm.Name}</th>{arm.Seconds!.Values.Select(s => Html.Of($"<td>{Figures.Fixed(s, 1)}</td>"))}</tr>

                """))}</tbody>
            </table></div>
            """);
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}

using ProxyReward.Recipes;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;
using ProxyReward.Rewards;

namespace ProxyReward.Reports.Sections;

/// <summary>What the rewards of each model are the sum of, and how chosen and rejected answers differ in it.</summary>
internal static class PartTable
{
    public static Html Of(RunContents run)
    {
        var rows = run.Arms.Where(arm => arm.Rewards.Count > 0).SelectMany(Rows).ToList();
        return rows.Count == 0 ? Html.None : Html.Of($"""
            <h3>What the rewards are made of</h3>
            <p class="note">Means over answers: all of them, those that a pair chooses, and those that a pair rejects. The parts add up to the reward, a negative one takes away;
            correct and stated are the proxies behind accuracy and precision. rewards.jsonl has the parts of every answer.</p>
            <div class="scroll"><table>
            <thead><tr><th scope="col">Model</th><th scope="col">Part</th><th scope="col">All</th><th scope="col">Chosen</th><th scope="col">Rejected</th><th scope="col">n</th></tr></thead>
            <tbody>
            {rows}</tbody>
            </table></div>
            """);
    }

    private static IEnumerable<Html> Rows(ArmContents arm)
    {
        var all = arm.Rewards;
        var byPlace = all.ToLookup(r => (r.QuestionId, r.Index));
        var chosen = arm.Pairs.SelectMany(p => byPlace[(p.QuestionId, p.Chosen)].Take(1)).ToList();
        var rejected = arm.Pairs.SelectMany(p => byPlace[(p.QuestionId, p.Rejected)].Take(1)).ToList();
        var reward = arm.Arm.Reward is { } kind ? RecipeFile.Spell(kind) : "";
        var parts = all.SelectMany(r => r.Parts.Keys).Distinct(StringComparer.Ordinal).ToList();
        yield return Row($"reward ({reward})", r => r.Reward);
        foreach (var part in parts.Where(_ => parts.Count > 1))
        {
            yield return Row($"part: {part}", r => r.Parts.GetValueOrDefault(part));
        }

        yield return Row("correct proxies", r => r.Counts.Correct);
        yield return Row("stated proxies", r => r.Counts.Stated);
        if (all.Any(r => r.ReadingVariance is not null))
        {
            yield return Row("variance when read again", r => r.ReadingVariance ?? 0);
        }

        yield return Row("tokens", r => r.LengthTokens);

        Html Row(string name, Func<ResponseReward, double> of) => Html.Of($"""
            <tr><th scope="row">{arm.Arm.Name}</th><td>{name}</td>{new[] { all, chosen, rejected }.Select(set => Cell(set, of))}<td>{all.Count}, {chosen.Count} pairs</td></tr>

            """);
    }

    private static Html Cell(IReadOnlyList<ResponseReward> answers, Func<ResponseReward, double> of) =>
        answers.Count == 0 ? Html.Of($"<td>–</td>") : Html.Of($"<td>{Figures.Number(answers.Average(of))}</td>");
}

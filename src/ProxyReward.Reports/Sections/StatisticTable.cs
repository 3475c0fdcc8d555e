using ProxyReward.Pairs;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Sections;

/// <summary>Mean and variance of the rewards by strategy (the paper's Table 5 tells those of its rewards).</summary>
internal static class StatisticTable
{
    public static Html Of(RunContents run)
    {
        var arms = run.Arms.Where(arm => arm.Statistics.Count > 0).ToList();
        return arms.Count == 0 ? Html.None : Html.Of($"""
            <h3>Mean and variance of the rewards by strategy</h3>
            <p class="note">Over the answers of a question that a strategy pairs, then over questions; gap and tokens are chosen minus rejected, over pairs. Rows but
            <code>selected</code> are before any rule but ties. Variance alone is no sign of quality: a reward that varies more can train worse.</p>
            {arms.Select((arm, i) => Table(arm, open: i == 0))}
            """);
    }

    private static Html Table(ArmContents arm, bool open) => Html.Of($"""
        <details{(open ? Html.Of($" open=\"open\"") : Html.None)}><summary>{arm.Arm.Name}</summary>
        <div class="scroll"><table>
        <thead><tr><th scope="col">Reward</th><th scope="col">Strategy</th><th scope="col">Questions</th><th scope="col">Pairs</th><th scope="col">Mean</th><th scope="col">Variance</th><th scope="col">Gap</th><th scope="col">Tokens</th></tr></thead>
        <tbody>
        {arm.Statistics.Select(Row)}</tbody>
        </table></div></details>

        """);

    private static Html Row(PairStatistics row) => Html.Of($"""
        <tr><th scope="row">{row.Reward}</th><td><code>{row.Strategy}</code></td><td>{row.Questions}</td><td>{row.Pairs}</td><td>{Figures.Number(row.Mean)}</td><td>{Figures.Number(row.Variance)}</td><td>{Optional(row.Gap)}</td><td>{Optional(row.ExtraTokens)}</td></tr>

        """);

    private static string Optional(double? value) => value is { } number ? Figures.Number(number) : "–";
}

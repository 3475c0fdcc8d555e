using ProxyReward.Evaluation;
using ProxyReward.Reports.Contents;
using ProxyReward.Reports.Markup;

namespace ProxyReward.Reports.Sections;

/// <summary>The failure signatures of the run.</summary>
internal static class WarningSection
{
    public static Section Of(RunContents run) => new(
        "Warnings",
        Html.Of($"Known signs that a model learnt something else than was meant: the reward rises while the answers get worse. The thresholds are ours."),
        run.Summary is null ? Html.Of($"<p>They are looked for when the run ends.</p>")
        : run.Summary.Signatures.Count == 0 ? Html.Of($"<p>None was found.</p>")
        : Html.Of($"""
            <ul>{run.Summary.Signatures.GroupBy(s => s.Name, StringComparer.Ordinal).Select(Group)}</ul>
            """));

    private static Html Group(IGrouping<string, Signature> signs) => Html.Of($"""
        <li><strong>{Meaning(signs.Key)}</strong> <code>{signs.Key}</code><br/>{string.Join("; ", signs.Select(s => s.Detail))}{signs.Select(s => s.Mend).OfType<string>().Distinct(StringComparer.Ordinal).Select(mend => Html.Of($"<br/><em>{mend}</em>"))}</li>

        """);

    // A sign that is newer than this page still has its detail.
    private static string Meaning(string name) => name switch
    {
        "leakage" => "Questions that are evaluated on are nearly the same as questions that were trained on.",
        "held_out_falling" => "An iteration lost what the one before had gained.",
        "rolled_back" => "An iteration lost on the dev questions, and the loop went on without it.",
        "below_base" => "A model is worse than the one it started from.",
        "gain_from_length" => "The gain comes from writing more, not from writing better.",
        "length_growth" => "Answers became much longer.",
        "duplicates_high" => "Answers state the same facts again.",
        "truncated_high" => "Answers run into the token limit.",
        "repetition_growth" => "Answers repeat their own words.",
        "chosen_logp_falling" => "The model moved away from the answers it was to prefer.",
        "both_rewards_falling" => "The model moved away from both answers of the pairs.",
        "judge_below_base" => "A holistic judge as the reward made the model worse.",
        "control_as_good" => "Another reward did as well: the gain is not due to the proxy questions.",
        _ => "",
    };
}

namespace ProxyReward.Pairs;

/// <summary>Says of a selection that left no pair which rule took most, and what to change.</summary>
internal static class EmptyFunnel
{
    public static string Explain(IReadOnlyList<FunnelStep> funnel)
    {
        // The choice of questions takes some, never all.
        var most = funnel.Where(step => step is { Removed: > 0, Rule: not "question_share" }).MaxBy(step => step.Removed);
        return most is null
            ? "No question has two responses: raise responses.k."
            : $"Most were taken by '{most.Rule}': {most.Removed} of {most.Before} {most.Unit}, because {most.Why}. {Mend(most.Rule)}";
    }

    private static string Mend(string rule) => rule switch
    {
        "tie" => "Raise responses.k or responses.temperature, so that responses differ, or give the questions more proxies; a reader that finds nothing ties everything, too.",
        "strategy" => "Raise responses.k, or choose another pairs.strategy or a smaller pairs.min_gap.",
        "length_matched" => "Raise responses.k or pairs.length_tolerance.",
        "max_length" => "Raise dpo.max_length, or lower responses.max_new_tokens.",
        "drop_truncated_chosen" => "Raise responses.max_new_tokens, or set pairs.drop_truncated_chosen: false.",
        "drop_conflicts" => "Name fewer pairs.indicators, or set pairs.drop_conflicts: false.",
        "balance_length" => "Raise responses.k or pairs.per_question, or set pairs.balance_length: false.",
        "near_duplicate" => "Raise pairs.near_duplicate or responses.temperature, or set the former to 0.",
        _ => $"Raise responses.k or pairs.question_share, or lower pairs.{rule}.",
    };
}

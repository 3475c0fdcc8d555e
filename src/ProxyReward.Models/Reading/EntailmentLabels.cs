namespace ProxyReward.Models.Reading;

/// <summary>
/// Which logit of a checkpoint says that a statement follows from a text and which that it is contradicted, read from the names it gives
/// its labels (<c>id2label</c>); their order differs from checkpoint to checkpoint.
/// </summary>
/// <param name="Entailed">The label of a statement that follows.</param>
/// <param name="Contradicted">The label of one that is contradicted; null of a two-label checker, which knows "supported" and "not" only.</param>
public sealed record EntailmentLabels(int Entailed, int? Contradicted)
{
    private static readonly HashSet<string> Entails = ["entailment", "supported", "supports"];
    private static readonly HashSet<string> Contradicts = ["contradiction", "refuted", "refutes"];
    private static readonly HashSet<string> Neither =
        ["neutral", "not_enough_info", "not_entailment", "not_supported", "unsupported"];

    /// <summary>Reads the names, whatever their case, with '-' and ' ' as '_'.</summary>
    /// <param name="labels">By id.</param>
    /// <param name="place">The checkpoint, for errors.</param>
    /// <exception cref="RequestException">They are not those of an entailment or fact-checking model, or do not say what they mean (LABEL_0).</exception>
    public static EntailmentLabels Of(IReadOnlyList<string> labels, string place)
    {
        List<string> names = [.. labels.Select(label => label.Trim().ToLowerInvariant().Replace('-', '_').Replace(' ', '_'))];
        var (entailed, contradicted) = (names.FindIndex(Entails.Contains), names.FindIndex(Contradicts.Contains));
        var isThree = names.Count == 3 && entailed >= 0 && contradicted >= 0 && names.Count(Neither.Contains) == 1;
        var isTwo = names.Count == 2 && entailed >= 0 && names.Count(Neither.Contains) == 1;
        if (isThree || isTwo)
        {
            return new(entailed, isThree ? contradicted : null);
        }

        var mend = names.All(name => name.StartsWith("label_", StringComparison.Ordinal))
            ? "these names do not say which is which: look it up on the model's page and write it into config.json, for example \"id2label\": {\"0\": \"unsupported\", \"1\": \"supported\"}"
            : "wanted are entailment, neutral and contradiction, or entailment and not_entailment, or supported and unsupported, in any order; take a model trained for NLI or fact checking";
        throw new RequestException($"{place}: its labels are {string.Join(", ", labels)}; {mend}.");
    }
}

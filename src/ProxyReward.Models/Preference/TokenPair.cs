using ProxyReward.Training;

namespace ProxyReward.Models.Preference;

/// <summary>A preference pair in tokens.</summary>
/// <param name="Prompt">May be empty; the first completion token is then not scored.</param>
/// <param name="Chosen">The end token included where the response ended.</param>
/// <param name="Rejected">Likewise.</param>
public sealed record TokenPair(IReadOnlyList<int> Prompt, IReadOnlyList<int> Chosen, IReadOnlyList<int> Rejected)
{
    /// <summary>Tokens a micro-batch reads for this pair: the prompt counts twice.</summary>
    public int Tokens => (2 * Prompt.Count) + Chosen.Count + Rejected.Count;

    /// <summary>Applies max_length: pairs that cannot be trained on as they were scored are dropped, or cut as TRL cuts them.</summary>
    public static IReadOnlyList<TokenPair> Fit(IEnumerable<TokenPair> pairs, DpoOptions options) => options.Truncation == Truncation.Drop
        ? [.. pairs.Where(pair => pair.Prompt.Count + Math.Max(pair.Chosen.Count, pair.Rejected.Count) <= options.MaxLength)]
        : [.. pairs.Where(pair => pair.Prompt.Count < options.MaxLength).Select(pair => pair.Cut(options.MaxLength))];

    private TokenPair Cut(int maxLength) => this with
    {
        Chosen = [.. Chosen.Take(maxLength - Prompt.Count)],
        Rejected = [.. Rejected.Take(maxLength - Prompt.Count)],
    };
}

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

    /// <summary>Every number of it, for fingerprints.</summary>
    internal IEnumerable<long> Numbers =>
        ((IReadOnlyList<int>[])[Prompt, Chosen, Rejected]).SelectMany(part => part.Select(id => (long)id).Prepend(part.Count));

    /// <summary>The pairs that can be trained on: those without a <see cref="Defect"/>, cut to max_length where they are to be cut.</summary>
    public static IReadOnlyList<TokenPair> Fit(IEnumerable<TokenPair> pairs, DpoOptions options) =>
        [.. pairs.Where(pair => pair.Defect(options) is null).Select(pair => pair.Cut(options))];

    /// <summary>Why a pair cannot be trained on, for people; null where it can.</summary>
    public string? Defect(DpoOptions options)
    {
        var (drops, longest) = (options.Truncation == Truncation.Drop, Prompt.Count + Math.Max(Chosen.Count, Rejected.Count));
        if (drops && longest > options.MaxLength)
        {
            return $"prompt and completion of {longest} tokens exceed dpo.max_length {options.MaxLength}";
        }

        if (!drops && Prompt.Count >= options.MaxLength)
        {
            return $"a prompt of {Prompt.Count} tokens leaves no room in dpo.max_length {options.MaxLength}";
        }

        var cut = Cut(options);
        return cut.Chosen.Count == 0 || cut.Rejected.Count == 0 ? "a completion is empty"
            : !cut.Chosen.SequenceEqual(cut.Rejected) ? null
            : cut.Tokens < Tokens ? $"cut to dpo.max_length {options.MaxLength}, chosen and rejected are the same"
            : "chosen and rejected are the same";
    }

    private TokenPair Cut(DpoOptions options) => options.Truncation == Truncation.Drop ? this : this with
    {
        Chosen = [.. Chosen.Take(options.MaxLength - Prompt.Count)],
        Rejected = [.. Rejected.Take(options.MaxLength - Prompt.Count)],
    };
}

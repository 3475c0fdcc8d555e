namespace ProxyReward.Lab.Worlds;

/// <summary>A way of writing articles: how much it tells, how often it errs, and in which words.</summary>
public sealed class Register
{
    internal Register(string name, RegisterText text)
    {
        Name = name;
        Share = text.Share;
        CoverageLow = text.Coverage[0];
        CoverageHigh = text.Coverage[1];
        Error = text.Error;
        FillersAfterFact = text.FillerAfterFact;
        Wrappers = [.. text.Wrappers.Select(Wrapper.Parse)];
        Openers = text.Openers;
        Closers = text.Closers;
        Fillers = text.Fillers;
    }

    /// <summary>"survey", "chatty" or "promo".</summary>
    public string Name { get; }

    /// <summary>The share of articles written in it.</summary>
    public double Share { get; }

    /// <summary>The least share of the traits that an article tells.</summary>
    public double CoverageLow { get; }

    /// <summary>The largest share of the traits that an article tells.</summary>
    public double CoverageHigh { get; }

    /// <summary>The share of told facts that are wrong.</summary>
    public double Error { get; }

    /// <summary>Stock sentences after a fact: the integer part always, one more with the fraction as its probability.</summary>
    public double FillersAfterFact { get; }

    /// <summary>What a fact is wrapped in; one that is listed several times is as many times as likely.</summary>
    public IReadOnlyList<Wrapper> Wrappers { get; }

    /// <summary>First sentences, <c>{N}</c> the name and <c>{t}</c> the type.</summary>
    public IReadOnlyList<string> Openers { get; }

    /// <summary>Last sentences, <c>{N}</c> the name; one may be empty.</summary>
    public IReadOnlyList<string> Closers { get; }

    /// <summary>Sentences that say nothing.</summary>
    public IReadOnlyList<string> Fillers { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A sentence around a subject and a clause: <c>Prefix + subject + " " + clause + Suffix</c>.</summary>
/// <param name="Prefix">What comes before the subject; empty where the subject starts the sentence.</param>
/// <param name="Suffix">The full stop, or its like.</param>
public sealed record Wrapper(string Prefix, string Suffix)
{
    /// <summary>Whether the subject starts the sentence and so takes a capital letter.</summary>
    public bool Capital => Prefix.Length == 0;

    /// <summary>The sentence.</summary>
    public string Wrap(string subject, string clause) => $"{Prefix}{(Capital ? Capitalized(subject) : subject)} {clause}{Suffix}";

    /// <summary>The inverse, up to telling subject and clause apart.</summary>
    public bool TryUnwrap(ReadOnlySpan<char> sentence, out ReadOnlySpan<char> subjectAndClause)
    {
        var fits = sentence.Length > Prefix.Length + Suffix.Length && sentence.StartsWith(Prefix) && sentence.EndsWith(Suffix);
        subjectAndClause = fits ? sentence[Prefix.Length..^Suffix.Length] : default;
        return fits;
    }

    internal static string Capitalized(string subject) => char.ToUpperInvariant(subject[0]) + subject[1..];

    internal static Wrapper Parse(string text)
    {
        var parts = text.Split(["{S} {c}", "{s} {c}"], StringSplitOptions.None);
        return parts.Length == 2 && text.Contains("{S}") == (parts[0].Length == 0)
            ? new Wrapper(parts[0], parts[1])
            : throw new FormatException($"'{text}' must hold '{{s}} {{c}}' once, or start with '{{S}} {{c}}'.");
    }
}

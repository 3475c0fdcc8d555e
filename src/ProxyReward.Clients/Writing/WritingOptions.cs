using ProxyReward.Questions.Likeness;

namespace ProxyReward.Clients.Writing;

/// <summary>What to write (paper, step 1: about 15 proxies to a meta-question, most of them True).</summary>
public sealed record WritingOptions
{
    /// <summary>ProxyQA's nine domains.</summary>
    public static IReadOnlyList<string> ProxyQaDomains { get; } =
    [
        "computer science", "economics", "film", "games", "history", "music", "others", "sports", "technology",
    ];

    /// <summary>The domains, each with an equal share of the questions.</summary>
    public IReadOnlyList<string> Domains { get; init; } = ProxyQaDomains;

    /// <summary>Meta-questions in all.</summary>
    public int Count { get; init; } = 100;

    /// <summary>Proxies to a meta-question.</summary>
    public int Proxies { get; init; } = 15;

    /// <summary>The share of proxies whose answer is True. The paper says "most"; 0.8 is ours.</summary>
    public double ShareTrue { get; init; } = 0.8;

    /// <summary>How many of a question's proxies are asked for as true.</summary>
    public int TrueProxies => (int)Math.Round(Proxies * ShareTrue, MidpointRounding.AwayFromZero);

    /// <summary>Checks every value.</summary>
    /// <exception cref="RequestException">A value cannot work.</exception>
    public WritingOptions Validated()
    {
        if (Domains.Count == 0 || Domains.Any(domain => Slug(domain).Length == 0) || Domains.Select(Slug).Distinct().Count() != Domains.Count)
        {
            throw new RequestException("domains: name at least one, each with letters or digits of its own, none twice.");
        }

        return (Count, Proxies, ShareTrue) switch
        {
            ( < 1 or > 1_000_000, _, _) => throw new RequestException($"count: is {Count}; 1 to 1,000,000."),
            (_, < 1 or > 100, _) => throw new RequestException($"proxies: is {Proxies}; 1 to 100."),
            (_, _, not (>= 0 and <= 1)) => throw new RequestException($"share_true: is {ShareTrue}; 0 to 1."),
            _ => this,
        };
    }

    /// <summary>A domain as ids write it: its words, joined by hyphens.</summary>
    internal static string Slug(string domain) => string.Join('-', Words.Of(domain));
}

using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Tests.Verdicts;

/// <summary>Says the same of every text, or what a function makes of it; remembers what it was shown.</summary>
internal sealed class FixedReader(Func<string, ProxyVerdict> read, bool quotes) : IReader
{
    public FixedReader(ProxyVerdict verdict, bool quotes)
        : this(_ => verdict, quotes)
    {
    }

    public List<string> Shown { get; } = [];

    public string Name => "fixed";

    public bool Quotes => quotes;

    public bool KnowsGoldAnswers => false;

    public Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        Shown.Add(text);
        return Task.FromResult<IReadOnlyList<ProxyVerdict>>([read(text)]);
    }
}

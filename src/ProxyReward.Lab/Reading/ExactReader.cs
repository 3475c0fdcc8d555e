using ProxyReward.Lab.Articles;
using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Lab.Reading;

/// <summary>
/// Reads an article without error: what the world's own sentences state about the entity, and nothing else. A trait that gets two
/// different values is NotStated, so that listing every value cannot pay; so is one that only a sentence about another name or
/// type mentions.
/// </summary>
/// <param name="world">The world that the questions are about.</param>
public sealed class ExactReader(World world) : IReader
{
    private readonly ArticleParser parser = new(world.Lexicon);

    /// <inheritdoc/>
    public string Name => "exact";

    /// <inheritdoc/>
    public bool Quotes => true;

    /// <inheritdoc/>
    public bool KnowsGoldAnswers => false;

    /// <inheritdoc/>
    /// <exception cref="RequestException">The question or one of its statements is none of the world's.</exception>
    public Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var entity = WorldClaims.Subject(world, question);
        var stated = Stated(entity, text);
        IReadOnlyList<ProxyVerdict> verdicts = [.. question.Proxies.Select(proxy => Judge(entity, proxy, stated, text))];
        return Task.FromResult(verdicts);
    }

    // Per trait: the value that the text gives it, null where it gives two; where it first does so.
    private Dictionary<Trait, (string? Value, Range Where)> Stated(Entity entity, string text)
    {
        var stated = new Dictionary<Trait, (string? Value, Range Where)>();
        foreach (var sentence in parser.Parse(entity.Type, entity.Name, text))
        {
            if (sentence.Fact is { } fact
                && !stated.TryAdd(fact.Trait, (fact.Value, sentence.Span))
                && stated[fact.Trait].Value != fact.Value)
            {
                stated[fact.Trait] = (null, sentence.Span);
            }
        }

        return stated;
    }

    private static ProxyVerdict Judge(
        Entity entity, ProxyQuestion proxy, Dictionary<Trait, (string? Value, Range Where)> stated, string text)
    {
        var claim = WorldClaims.Claim(entity, proxy);
        return stated.TryGetValue(claim.Trait, out var found) && found.Value is not null
            ? new ProxyVerdict(proxy.Id, found.Value == claim.Value ? Verdict.True : Verdict.False, text[found.Where])
            : new ProxyVerdict(proxy.Id, Verdict.NotStated);
    }
}

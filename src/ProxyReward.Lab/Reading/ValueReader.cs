using ProxyReward.Lab.Worlds;
using ProxyReward.Questions;
using ProxyReward.Verdicts;

namespace ProxyReward.Lab.Reading;

/// <summary>
/// The small, fallible reader: a statement whose value is anywhere in the text is True; else one that shares a content word with
/// the text is False; else NotStated. No training, no understanding: what it gets wrong shows how good a reader must be.
/// </summary>
/// <param name="world">The world that the questions are about.</param>
public sealed class ValueReader(World world) : IReader
{
    // Inflections meet in their first letters: "founding" and "founded".
    private const int StemLength = 4;

    private static readonly HashSet<string> StopWords =
    [
        "a", "an", "and", "around", "at", "by", "can", "come", "each", "for", "found", "from", "have", "in", "into", "is", "it",
        "its", "like", "likes", "main", "many", "most", "mostly", "much", "near", "new", "of", "on", "over", "people", "put", "the",
        "their", "this", "to", "too", "up", "use", "usual", "was", "who", "with", "year", "years",
    ];

    /// <inheritdoc/>
    public string Name => "value";

    /// <inheritdoc/>
    public bool Quotes => false;

    /// <inheritdoc/>
    public bool KnowsGoldAnswers => false;

    /// <inheritdoc/>
    /// <exception cref="RequestException">The question or one of its statements is none of the world's.</exception>
    public Task<IReadOnlyList<ProxyVerdict>> ReadAsync(MetaQuestion question, string text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var entity = WorldClaims.Subject(world, question);
        var words = Words(text);
        var joined = $" {string.Join(' ', words)} ";
        var stems = words.Select(Stem).ToHashSet();
        IReadOnlyList<ProxyVerdict> verdicts =
            [.. question.Proxies.Select(proxy => new ProxyVerdict(proxy.Id, Judge(entity, proxy, joined, stems)))];
        return Task.FromResult(verdicts);
    }

    private static Verdict Judge(Entity entity, ProxyQuestion proxy, string text, HashSet<string> stems)
    {
        var claim = WorldClaims.Claim(entity, proxy);
        if (text.Contains($" {string.Join(' ', Words(claim.Value))} "))
        {
            return Verdict.True;
        }

        var content = Words(proxy.Statement).Except(StopWords).Except(Words(entity.Name)).Except(Words(claim.Value));
        return content.Any(word => stems.Contains(Stem(word))) ? Verdict.False : Verdict.NotStated;
    }

    private static string Stem(string word) => word.Length > StemLength ? word[..StemLength] : word;

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        for (var i = 0; i < text.Length; i++)
        {
            var start = i;
            while (i < text.Length && char.IsLetterOrDigit(text[i]))
            {
                i++;
            }

            if (i > start)
            {
                words.Add(text[start..i].ToLowerInvariant());
            }
        }

        return words;
    }
}

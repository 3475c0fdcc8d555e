using System.Text.Json;

namespace ProxyReward.Questions;

/// <summary>
/// A question set with a negated twin behind each proxy: the statement negated, the answer flipped. A reader that always agrees gets half
/// of such a set right, whatever it reads.
/// </summary>
/// <param name="Questions">The set; a twin carries <c>twin_of</c>.</param>
/// <param name="Without">Ids of the proxies nobody could negate; they stay, alone.</param>
public sealed record Twins(IReadOnlyList<MetaQuestion> Questions, IReadOnlyList<string> Without)
{
    private const string Key = "twin_of";

    /// <summary>Adds the twins.</summary>
    /// <param name="questions">A set; what already has a twin, or is one, is left as it is.</param>
    /// <param name="negated">The negated statement of a proxy, null where there is none; by rule (<see cref="Negation.Of"/>) or by a model.</param>
    public static Twins Of(IReadOnlyList<MetaQuestion> questions, Func<ProxyQuestion, string?> negated)
    {
        var without = new List<string>();
        var twinned = questions.SelectMany(q => q.Proxies).Select(TwinOf).Where(id => id is not null).ToHashSet(StringComparer.Ordinal);
        return new Twins([.. questions.Select(question => question with { Proxies = [.. question.Proxies.SelectMany(Pair)] })], without);

        IEnumerable<ProxyQuestion> Pair(ProxyQuestion proxy)
        {
            yield return proxy;
            if (TwinOf(proxy) is not null || twinned.Contains(proxy.Id))
            {
                yield break;
            }

            if (negated(proxy) is not { } statement)
            {
                without.Add(proxy.Id);
                yield break;
            }

            // The evidence stays: what settles a statement settles its negation.
            yield return proxy with
            {
                Id = $"{proxy.Id}-not",
                Statement = statement,
                Answer = !proxy.Answer,
                Other = new(proxy.Other ?? []) { [Key] = JsonSerializer.SerializeToElement(proxy.Id) },
            };
        }
    }

    /// <summary>The id of the proxy whose negation this one is; null where it is none.</summary>
    public static string? TwinOf(ProxyQuestion proxy) =>
        proxy.Other?.GetValueOrDefault(Key) is { ValueKind: JsonValueKind.String } id ? id.GetString() : null;
}

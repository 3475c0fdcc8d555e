using System.Collections.Frozen;
using ProxyReward.Lab.Worlds;
using ProxyReward.Responses;

namespace ProxyReward.Lab.Articles;

/// <summary>
/// The inverse of <see cref="ArticleWriter"/>: cuts any text into sentences and says what each is to an entity. A sentence counts as a fact
/// only when it is, to the letter, a wrapper around a subject that is this entity and a clause of its type. Time is linear in the text,
/// whatever the text. Safe to call from several threads.
/// </summary>
public sealed class ArticleParser
{
    private readonly Lexicon lexicon;
    private readonly (Wrapper Wrapper, Register Register)[] wrappers;
    private readonly FrozenDictionary<EntityType, FrozenDictionary<string, (SentenceKind, Register)>> stock;
    private readonly int longestStock;

    /// <summary>Makes the tables of a lexicon.</summary>
    public ArticleParser(Lexicon lexicon)
    {
        this.lexicon = lexicon;
        wrappers = [.. lexicon.Registers.SelectMany(register => register.Wrappers.Select(wrapper => (wrapper, register))).Distinct()];
        stock = lexicon.Types.ToFrozenDictionary(type => type, type => StockOf(type, lexicon.Registers));
        longestStock = stock.Values.SelectMany(sentences => sentences.Keys).Max(sentence => sentence.Length);
    }

    /// <summary>The sentences of a text as it bears on an entity of that type and name.</summary>
    public IReadOnlyList<Sentence> Parse(EntityType type, string name, string text)
    {
        var subjects = lexicon.Subjects.Select(subject => subject.Replace("{name}", name).Replace("{type}", type.Name) + " ").ToArray();
        var capitals = subjects.Select(Wrapper.Capitalized).ToArray();
        var sentences = new List<Sentence>();
        foreach (var span in Sentences.Of(text))
        {
            sentences.Add(Read(text.AsSpan()[span], span));
        }

        return sentences;

        Sentence Read(ReadOnlySpan<char> sentence, Range span)
        {
            foreach (var (wrapper, register) in wrappers)
            {
                if (wrapper.TryUnwrap(sentence, out var inner))
                {
                    foreach (var subject in wrapper.Capital ? capitals : subjects)
                    {
                        if (inner.StartsWith(subject) && type.TryReadClause(inner[subject.Length..], out var fact))
                        {
                            return new Sentence(span, SentenceKind.Fact, register, fact);
                        }
                    }
                }
            }

            return sentence.Length <= longestStock + name.Length
                && stock[type].TryGetValue(sentence.ToString().Replace(name, "{N}"), out var found)
                ? new Sentence(span, found.Item1, found.Item2, null)
                : new Sentence(span, SentenceKind.Other, null, null);
        }
    }

    private static FrozenDictionary<string, (SentenceKind, Register)> StockOf(EntityType type, IReadOnlyList<Register> registers)
    {
        return registers
            .SelectMany(register => Of(SentenceKind.Opener, register.Openers, register)
                .Concat(Of(SentenceKind.Closer, register.Closers.Where(closer => closer.Length > 0), register))
                .Concat(Of(SentenceKind.Filler, register.Fillers, register)))
            .ToFrozenDictionary(entry => entry.Key, entry => entry.Value);

        IEnumerable<KeyValuePair<string, (SentenceKind, Register)>> Of(SentenceKind kind, IEnumerable<string> texts, Register register) =>
            texts.Select(text => KeyValuePair.Create(text.Replace("{t}", type.Name), (kind, register)));
    }
}

using System.Collections.Frozen;
using ProxyReward.Lab.Worlds;
using ProxyReward.Responses;

namespace ProxyReward.Lab.Articles;

/// <summary>
/// The inverse of <see cref="ArticleWriter"/>: cuts any text into sentences and says what each is to an entity. A sentence counts
/// as a fact only when it is, to the letter, a wrapper around a subject that is this entity and a clause of its type. Time is
/// linear in the text, whatever the text. Safe to call from several threads.
/// </summary>
public sealed class ArticleParser
{
    private readonly Lexicon lexicon;
    private readonly (Wrapper Wrapper, Register Register)[] wrappers;
    private readonly FrozenDictionary<EntityType, FrozenDictionary<string, (SentenceKind Kind, Register Register)>> stock;

    /// <summary>Makes the tables of a lexicon.</summary>
    public ArticleParser(Lexicon lexicon)
    {
        this.lexicon = lexicon;
        wrappers =
            [.. from register in lexicon.Registers from wrapper in register.Wrappers.Distinct() select (wrapper, register)];
        stock = lexicon.Types.ToFrozenDictionary(type => type, type => StockOf(type, lexicon.Registers));
    }

    /// <summary>The sentences of a text as it bears on an entity of that type and name, one by one.</summary>
    public IEnumerable<Sentence> Parse(EntityType type, string name, string text)
    {
        string[] subjects = [.. lexicon.SubjectsOf(type, name).Select(subject => subject + " ")];
        string[] capitals = [.. subjects.Select(Wrapper.Capitalized)];
        foreach (var span in Sentences.Of(text))
        {
            yield return ReadFact(type, subjects, capitals, text, span) ?? ReadStock(type, name, text, span);
        }
    }

    private Sentence? ReadFact(EntityType type, string[] subjects, string[] capitals, string text, Range span)
    {
        foreach (var (wrapper, register) in wrappers)
        {
            if (wrapper.TryUnwrap(text.AsSpan()[span], out var inner))
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

        return null;
    }

    private Sentence ReadStock(EntityType type, string name, string text, Range span)
    {
        var sentence = text.AsSpan()[span];
        var isKnown = sentence.Contains(name, StringComparison.Ordinal)
            ? stock[type].TryGetValue(sentence.ToString().Replace(name, "{N}"), out var found)
            : stock[type].GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(sentence, out found);
        return isKnown
            ? new Sentence(span, found.Kind, found.Register, Fact: null)
            : new Sentence(span, SentenceKind.Other, Register: null, Fact: null);
    }

    private static FrozenDictionary<string, (SentenceKind, Register)> StockOf(EntityType type, IReadOnlyList<Register> registers)
    {
        var table = new Dictionary<string, (SentenceKind, Register)>();
        foreach (var register in registers)
        {
            Add(SentenceKind.Opener, register.Openers, register);
            Add(SentenceKind.Closer, register.Closers.Where(closer => closer.Length > 0), register);
            Add(SentenceKind.Filler, register.Fillers, register);
        }

        return table.ToFrozenDictionary();

        void Add(SentenceKind kind, IEnumerable<string> texts, Register register)
        {
            foreach (var text in texts)
            {
                table.Add(text.Replace("{t}", type.Name), (kind, register));
            }
        }
    }
}

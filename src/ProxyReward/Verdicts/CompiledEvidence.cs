using ProxyReward.Questions;
using ProxyReward.Responses;

namespace ProxyReward.Verdicts;

/// <summary>
/// The evidence of one meta-question, made ready for reading: every word has a number, every phrase (one string of an alternative) is found
/// by the words it can begin with. A reading looks at each word of the text once; its time is linear in the text. Thread-safe.
/// </summary>
internal sealed class CompiledEvidence
{
    private const int UnknownWord = -1;
    private readonly Dictionary<string, int> words = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<CompiledPhrase> phrases = [];
    private readonly Dictionary<string, int> phraseNumbers = new(StringComparer.Ordinal);
    private readonly List<List<int>> phrasesByFirstWord = [];
    private readonly (ProxyQuestion Proxy, int[][] Alternatives)[] proxies;

    /// <exception cref="RequestException">A proxy has no evidence, or an evidence string has no word.</exception>
    public CompiledEvidence(MetaQuestion question) =>
        proxies = [.. question.Proxies.Select(proxy => (proxy, Alternatives(question, proxy)))];

    public ProxyVerdict[] Read(string text, CancellationToken cancellationToken)
    {
        var quotes = new string?[proxies.Length];
        var open = proxies.Length;
        var foundIn = new int[phrases.Count]; // the number of the last sentence that holds the phrase; sentences count from 1
        var sentence = 0;
        var sentenceWords = new List<int>();
        foreach (var range in Sentences.Of(text))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var span = text.AsSpan(range);
            sentence++;
            if (Sentences.IsQuestion(span) || !FindPhrases(span, sentence, sentenceWords, foundIn))
            {
                continue;
            }

            for (var p = 0; p < proxies.Length; p++)
            {
                if (quotes[p] is null && proxies[p].Alternatives.Any(all => all.All(phrase => foundIn[phrase] == sentence)))
                {
                    quotes[p] = span.ToString();
                    open--;
                }
            }

            if (open == 0)
            {
                break;
            }
        }

        return [.. proxies.Select((entry, p) => new ProxyVerdict(
            entry.Proxy.Id,
            quotes[p] is null ? Verdict.NotStated : entry.Proxy.Answer ? Verdict.True : Verdict.False,
            quotes[p]))];
    }

    private bool FindPhrases(ReadOnlySpan<char> sentence, int number, List<int> sentenceWords, int[] foundIn)
    {
        var lookup = words.GetAlternateLookup<ReadOnlySpan<char>>();
        sentenceWords.Clear();
        var reader = new EvidenceWords(sentence);
        while (reader.MoveNext())
        {
            sentenceWords.Add(lookup.TryGetValue(reader.Current, out var word) ? word : UnknownWord);
        }

        var any = false;
        var list = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(sentenceWords);
        for (var i = 0; i < list.Length; i++)
        {
            if (list[i] == UnknownWord)
            {
                continue;
            }

            foreach (var phrase in phrasesByFirstWord[list[i]])
            {
                if (foundIn[phrase] != number && phrases[phrase].Begins(list[i..]))
                {
                    foundIn[phrase] = number;
                    any = true;
                }
            }
        }

        return any;
    }

    private int[][] Alternatives(MetaQuestion question, ProxyQuestion proxy)
    {
        if (proxy.Evidence is not { Count: > 0 } evidence)
        {
            throw new RequestException(
                $"question '{question.Id}', proxy '{proxy.Id}': no evidence, which the evidence reader needs; add \"evidence\" or choose another reader");
        }

        return [.. evidence.Select(alternative => alternative.AllOf.Select(text => Phrase(question, proxy, text)).ToArray())];
    }

    private int Phrase(MetaQuestion question, ProxyQuestion proxy, string text)
    {
        if (phraseNumbers.TryGetValue(text, out var known))
        {
            return known;
        }

        var phrase = new CompiledPhrase([.. EvidencePhrase.Parse(text).Parts.Select(options => options.Select(Words).ToArray())]);
        if (!phrase.SaysSomething || phrase.Words > CompiledPhrase.MostWords)
        {
            var fault = phrase.SaysSomething ? $"is longer than {CompiledPhrase.MostWords} words; shorten" : "holds no word that must stand; write one";
            throw new RequestException($"question '{question.Id}', proxy '{proxy.Id}': the evidence \"{text}\" {fault} or remove it");
        }

        var number = phrases.Count;
        phraseNumbers.Add(text, number);
        phrases.Add(phrase);
        foreach (var word in phrase.FirstWords)
        {
            phrasesByFirstWord[word].Add(number);
        }

        return number;
    }

    private int[] Words(string text)
    {
        var numbers = new List<int>();
        var reader = new EvidenceWords(text);
        while (reader.MoveNext())
        {
            numbers.Add(WordNumber(reader.Current.ToString()));
        }

        return [.. numbers];
    }

    private int WordNumber(string word)
    {
        if (!words.TryGetValue(word, out var number))
        {
            number = words.Count;
            words.Add(word, number);
            phrasesByFirstWord.Add([]);
        }

        return number;
    }
}

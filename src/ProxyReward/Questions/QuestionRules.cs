namespace ProxyReward.Questions;

/// <summary>What every question set must keep, checked question by question. Not thread-safe: one set, one instance.</summary>
internal sealed class QuestionRules
{
    private readonly Dictionary<string, string> questions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> proxies = new(StringComparer.Ordinal);

    /// <summary>Checks a question against the rules and against those before it.</summary>
    /// <param name="question">The next question of the set.</param>
    /// <param name="place">Where it stands, for the message.</param>
    /// <exception cref="RequestException">A rule is broken.</exception>
    public void Check(MetaQuestion question, string place)
    {
        NotBlank(question.Id, "id", place);
        NotBlank(question.Domain, "domain", place);
        NotBlank(question.Text, "meta_question", place);
        Unique(questions, question.Id, "question", place);
        if (question.Proxies.Count == 0)
        {
            throw new RequestException($"{place}: question '{question.Id}' has no proxies; give it at least one, or delete the line.");
        }

        for (var i = 0; i < question.Proxies.Count; i++)
        {
            // The serializer lets a null into a list; the type does not say so.
            var proxy = (ProxyQuestion?)question.Proxies[i]
                ?? throw new RequestException($"{place}: proxies[{i}] is null; give it id, statement and answer, or delete it.");
            NotBlank(proxy.Id, $"proxies[{i}].id", place);
            NotBlank(proxy.Statement, $"proxies[{i}].statement", place);
            Unique(proxies, proxy.Id, "proxy", place);
            if (proxy.Evidence is { } evidence && (evidence.Count == 0 || evidence.Contains(null!)))
            {
                throw new RequestException(
                    $"{place}: proxies[{i}].evidence is empty; list alternatives (strings, or lists of strings), or leave the key out.");
            }
        }
    }

    private static void NotBlank(string text, string key, string place)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new RequestException($"{place}: {key} is empty; give it a text.");
        }
    }

    private static void Unique(Dictionary<string, string> seen, string id, string kind, string place)
    {
        if (!seen.TryAdd(id, place))
        {
            throw new RequestException(
                $"{place}: the {kind} id '{id}' was used before, at {seen[id]}; ids are unique within a set, rename one.");
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ProxyReward.Questions;

namespace ProxyReward.Clients.Import;

/// <summary>
/// A row of somebody's question set, read as a meta-question. Known are meta_question, id, domain, and the proxies in one of three forms:
/// a list of objects, a list of statements with a list of answers beside it, or none at all. Everything else is kept as it is.
/// </summary>
internal static class ImportedQuestion
{
    private static readonly string[] ProxyLists = ["proxies", "sub_questions", "sub-questions", "proxy_questions"];
    private static readonly string[] AnswerLists = ["answers", "sub_answers"];
    private static readonly string[] Statements = ["statement", "sub_question", "question", "text"];

    /// <summary>Reads a row.</summary>
    /// <param name="row">Its fields.</param>
    /// <param name="number">Counted from 1; the id where the row has none.</param>
    /// <param name="place">For the message.</param>
    /// <exception cref="RequestException">A field that is needed is missing or not of its type.</exception>
    public static MetaQuestion Of(JsonObject row, int number, string place)
    {
        var text = Text(row["meta_question"])
            ?? throw new RequestException($"{place}: meta_question is missing or empty; it is the one field an import needs.");
        var id = Text(row["id"]) ?? $"{number}";
        var listKey = ProxyLists.FirstOrDefault(key => row[key] is not null);
        var answerKey = listKey is null ? null : AnswerLists.FirstOrDefault(key => row[key] is JsonArray);
        var answers = answerKey is null ? null : (JsonArray)row[answerKey]!;
        var proxies = listKey is null ? [] : Proxies(row[listKey], answers, id, $"{place}: {listKey}");
        string?[] read = ["meta_question", "id", "domain", listKey, answerKey];
        return new MetaQuestion(id, Text(row["domain"]) ?? "unknown", text, proxies) { Other = Rest(row, read) };
    }

    private static List<ProxyQuestion> Proxies(JsonNode? list, JsonArray? answers, string questionId, string place)
    {
        if (list is not JsonArray items)
        {
            throw new RequestException($"{place}: is no list.");
        }

        if (answers is not null && answers.Count != items.Count)
        {
            throw new RequestException($"{place}: has {items.Count} statements and {answers.Count} answers.");
        }

        return [.. items.Select((item, i) => Proxy(item, answers?[i], $"{questionId}-{i + 1:00}", $"{place}[{i}]"))];
    }

    private static ProxyQuestion Proxy(JsonNode? item, JsonNode? answer, string id, string place)
    {
        var fields = item as JsonObject;
        var key = fields is null ? null : Statements.FirstOrDefault(name => fields[name] is not null);
        var statement = Text(key is null ? item : fields![key])
            ?? throw new RequestException($"{place}: has no statement; give a text, or an object with statement and answer.");
        var evidence = fields?["evidence"] is { } alternatives ? Evidence(alternatives, place) : null;
        return new ProxyQuestion(Text(fields?["id"]) ?? id, statement, Truth(answer ?? fields?["answer"], place), evidence)
        {
            Other = fields is null ? null : Rest(fields, [key, "id", "answer", "evidence"]),
        };
    }

    private static IReadOnlyList<Evidence>? Evidence(JsonNode node, string place)
    {
        try
        {
            return node.Deserialize<IReadOnlyList<Evidence>>(Json.Line);
        }
        catch (JsonException e)
        {
            throw new RequestException($"{place}.evidence: {Json.Fault(e)}", e);
        }
    }

    private static bool Truth(JsonNode? node, string place) => node switch
    {
        JsonValue value when value.TryGetValue<bool>(out var truth) => truth,
        JsonValue value when value.TryGetValue<string>(out var text) && bool.TryParse(text, out var truth) => truth,
        JsonValue value when value.ToJsonString() is "0" or "1" => value.ToJsonString() == "1",
        _ => throw new RequestException($"{place}: its answer is missing or neither true nor false."),
    };

    // Ids are often numbers.
    private static string? Text(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>() is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null,
            JsonValueKind.Number => value.ToJsonString(),
            _ => null,
        }
        : null;

    private static Dictionary<string, JsonElement>? Rest(JsonObject row, string?[] read)
    {
        var rest = row.Where(field => field.Value is not null && !read.Contains(field.Key))
            .ToDictionary(field => field.Key, field => field.Value.Deserialize<JsonElement>(Json.Line));
        return rest.Count > 0 ? rest : null;
    }
}
